// The words of a value that people would read aloud: the last thing a user asked, the last thing that was answered.
import { type Message, messagesOf, parsed } from "./messages";

const WORDS = ["content", "text", "question", "query", "answer", "output", "response", "result", "prompt", "message", "input", "task"];

/** What a role said last; the text itself where there is no conversation; undefined where there are no words. */
export function said(text: string, role: "user" | "assistant"): string | undefined {
  const value = parsed(text);
  const messages = messagesOf(value);
  if (messages) return lastOf(messages, role) ?? lastOf(messages);
  if (typeof value === "string") return value;
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  const bag = value as Record<string, unknown>;
  const found = WORDS.map((key) => bag[key]).find((item) => typeof item === "string" && item !== "");
  return typeof found === "string" ? found : undefined;
}

function lastOf(messages: readonly Message[], role?: string): string | undefined {
  const spoken = messages.filter((message) => (role === undefined || message.role === role) && textOf(message) !== "");
  const last = spoken.at(-1);
  return last && textOf(last);
}

function textOf({ parts }: Message): string {
  return parts.flatMap((part) => (part.kind === "text" ? [part.text] : [])).join("\n\n");
}
