// Types of observations: a picture and a bar colour for each; words say the rest.
import { BookOpen, Bot, Box, CircleDot, Cpu, Link2, type LucideIcon, Ruler, Search, ShieldCheck, Sparkles, Wrench } from "lucide-react";

const ICONS: Record<string, LucideIcon> = {
  GENERATION: Sparkles,
  AGENT: Bot,
  TOOL: Wrench,
  CHAIN: Link2,
  RETRIEVER: Search,
  EMBEDDING: Cpu,
  EVALUATOR: Ruler,
  GUARDRAIL: ShieldCheck,
  EVENT: CircleDot,
  SPAN: Box,
  TRACE: BookOpen,
};

export function KindIcon({ type, className = "size-3.5" }: { type: string; className?: string }) {
  const Icon = ICONS[type] ?? Box;
  const colour = type === "GENERATION" || type === "EMBEDDING" ? "text-accent" : type === "TOOL" || type === "RETRIEVER" ? "text-bar-tool" : "text-soft";
  return <Icon aria-hidden className={`${className} ${colour} shrink-0`} />;
}

export function barColour(type: string, level: string): string {
  if (level === "ERROR") return "bg-error";
  if (type === "GENERATION" || type === "EMBEDDING") return "bg-accent";
  return type === "TOOL" || type === "RETRIEVER" ? "bg-bar-tool" : "bg-bar";
}
