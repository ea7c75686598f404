// Finds the conversation in what an LLM call got and gave, whichever framework wrote it down.

export type Part = { kind: "text"; text: string } | { kind: "data"; name: string; value: unknown };
export type Message = { role: string; name?: string; parts: Part[] };

type Bag = Record<string, unknown>;

const isBag = (value: unknown): value is Bag => typeof value === "object" && value !== null && !Array.isArray(value);
const ROLES = new Set(["system", "developer", "user", "assistant", "tool", "function", "human", "ai", "model", "tool_call", "thinking"]);

/** The messages of a value; undefined when it is no conversation. */
export function messagesOf(value: unknown): Message[] | undefined {
  const list = listOf(value);
  if (!list || list.length === 0) return undefined;
  const messages = list.map(messageOf);
  return messages.every((message) => message !== undefined) ? messages : undefined;
}

function listOf(value: unknown): unknown[] | undefined {
  if (Array.isArray(value)) {
    // Batches of one conversation, as LangChain writes them.
    const first: unknown = value[0];
    return value.length === 1 && Array.isArray(first) ? first : value;
  }
  if (!isBag(value)) return undefined;
  if (Array.isArray(value.messages)) return value.messages;
  if (Array.isArray(value.choices)) return value.choices.map((choice: unknown) => (isBag(choice) ? choice.message : choice));
  if (isBag(value.message)) return [value.message];
  return typeof value.role === "string" ? [value] : undefined;
}

function messageOf(value: unknown): Message | undefined {
  if (!isBag(value)) return undefined;
  const inner = isBag(value.kwargs) ? { ...value, ...value.kwargs } : value;
  const role = inner.role ?? inner.type;
  // Where a prompt takes in messages that are known later.
  if (role === "placeholder") return { role, parts: [{ kind: "text", text: `{{${String(inner.name)}}}` }] };
  if (typeof role !== "string" || !ROLES.has(role.toLowerCase())) return undefined;
  if (!("content" in inner || "parts" in inner || "tool_calls" in inner || "text" in inner)) return undefined;
  const parts = [...partsOf(inner.content ?? inner.parts ?? inner.text), ...callsOf(inner.tool_calls)];
  const name = typeof inner.name === "string" ? inner.name : undefined;
  return { role: plainRole(role.toLowerCase()), name, parts };
}

function plainRole(role: string): string {
  return { human: "user", ai: "assistant", model: "assistant" }[role] ?? role;
}

function partsOf(content: unknown): Part[] {
  if (content === null || content === undefined || content === "") return [];
  if (typeof content === "string") return [{ kind: "text", text: content }];
  if (!Array.isArray(content)) return [partOf(content)];
  return content.map(partOf);
}

function partOf(part: unknown): Part {
  if (typeof part === "string") return { kind: "text", text: part };
  if (!isBag(part)) return { kind: "data", name: "value", value: part };
  for (const key of ["text", "content", "thinking", "reasoning"]) {
    const text = part[key];
    if (typeof text === "string") return { kind: "text", text };
  }
  return { kind: "data", name: typeof part.type === "string" ? part.type : "part", value: part };
}

function callsOf(calls: unknown): Part[] {
  if (!Array.isArray(calls)) return [];
  return calls.filter(isBag).map((call) => {
    const of = isBag(call.function) ? call.function : call;
    const name = typeof of.name === "string" ? of.name : "tool";
    return { kind: "data" as const, name: `calls ${name}`, value: parsed(of.arguments ?? of.args ?? of.input ?? call) };
  });
}

/** JSON where a text holds an object or a list, the text itself otherwise. */
export function parsed(value: unknown): unknown {
  if (typeof value !== "string" || !/^\s*[[{"]/.test(value)) return value;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}
