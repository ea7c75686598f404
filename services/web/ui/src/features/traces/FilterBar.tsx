// Search text and conditions; both live in the address only.
import { Plus, Search, X } from "lucide-react";
import { type FormEvent, useEffect, useRef, useState } from "react";
import { Button, FIELD, IconButton } from "../../components/basics";
import { Dialog } from "../../components/menu";
import { type Condition, words } from "./search";

type Kind = "string" | "number" | "stringObject" | "numberObject" | "boolean" | "arrayOptions" | "stringOptions";
const COLUMNS: readonly { column: string; name: string; kind: Kind; key?: string }[] = [
  { column: "name", name: "Name", kind: "string" },
  { column: "userId", name: "User", kind: "string" },
  { column: "sessionId", name: "Session", kind: "string" },
  { column: "id", name: "Trace id", kind: "string" },
  { column: "environment", name: "Environment", kind: "string" },
  { column: "level", name: "Level (ERROR, WARNING, …)", kind: "stringOptions" },
  { column: "tags", name: "Tags", kind: "arrayOptions" },
  { column: "release", name: "Release", kind: "string" },
  { column: "version", name: "Version", kind: "string" },
  { column: "metadata", name: "Metadata", kind: "stringObject", key: "Key in the metadata" },
  { column: "latency", name: "Latency (seconds)", kind: "number" },
  { column: "totalCost", name: "Cost (USD)", kind: "number" },
  { column: "inputCost", name: "Input cost (USD)", kind: "number" },
  { column: "outputCost", name: "Output cost (USD)", kind: "number" },
  { column: "totalTokens", name: "Tokens", kind: "number" },
  { column: "inputTokens", name: "Input tokens", kind: "number" },
  { column: "outputTokens", name: "Output tokens", kind: "number" },
  { column: "errorCount", name: "Number of errors", kind: "number" },
  { column: "warningCount", name: "Number of warnings", kind: "number" },
  { column: "scores_avg", name: "Score (number)", kind: "numberObject", key: "Name of the score" },
  { column: "bookmarked", name: "Bookmarked", kind: "boolean" },
];
const OPERATORS: Record<Kind, readonly string[]> = {
  string: ["contains", "=", "starts with", "ends with", "does not contain"],
  stringObject: ["contains", "=", "starts with", "ends with", "does not contain"],
  number: [">", ">=", "<", "<=", "="],
  numberObject: [">", ">=", "<", "<=", "="],
  boolean: ["=", "<>"],
  stringOptions: ["any of", "none of"],
  arrayOptions: ["any of", "all of", "none of"],
};

export function FilterBar({
  query,
  filter,
  onQuery,
  onFilter,
}: {
  query: string;
  filter: readonly Condition[];
  onQuery: (query: string) => void;
  onFilter: (filter: Condition[]) => void;
}) {
  const [text, setText] = useState(query);
  const [isAdding, setAdding] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => setText(query), [query]);
  useEffect(() => {
    const focus = (event: globalThis.KeyboardEvent) => {
      const isTyping = (event.target as HTMLElement).closest("input,textarea,select,[contenteditable]");
      if (event.key !== "/" || isTyping || event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      input.current?.focus();
    };
    addEventListener("keydown", focus);
    return () => removeEventListener("keydown", focus);
  }, []);
  return (
    <div className="flex min-w-0 flex-1 flex-wrap items-center gap-1.5 max-md:order-last max-md:basis-full">
      <form
        role="search"
        className="relative min-w-48 flex-1 md:max-w-md"
        onSubmit={(event) => {
          event.preventDefault();
          onQuery(text.trim());
        }}
      >
        <Search aria-hidden className="pointer-events-none absolute top-2 left-2.5 size-4 text-soft" />
        <input
          ref={input}
          type="search"
          aria-label="Search traces"
          placeholder="Search names, ids, users, inputs, outputs…  /"
          className={`${FIELD} pl-8`}
          value={text}
          onChange={(event) => {
            setText(event.target.value);
            if (event.target.value === "") onQuery("");
          }}
        />
      </form>
      {filter.map((condition, index) => (
        <span
          key={`${condition.column}${condition.operator}${index}`}
          className="inline-flex h-7 max-w-80 items-center rounded-md border border-line bg-accent-wash pl-2 text-accent-ink"
        >
          <span className="truncate">{words(condition)}</span>
          <IconButton
            label={`Remove: ${words(condition)}`}
            className="size-7"
            onClick={() => onFilter(filter.filter((_, other) => other !== index))}
          >
            <X className="size-3.5" />
          </IconButton>
        </span>
      ))}
      <Button look="quiet" onClick={() => setAdding(true)}>
        <Plus aria-hidden className="size-3.5" /> Filter
      </Button>
      {(filter.length > 1 || (filter.length > 0 && query !== "")) && (
        <Button look="quiet" onClick={() => onFilter([])}>
          Clear
        </Button>
      )}
      <Dialog open={isAdding} onClose={() => setAdding(false)} title="Add a filter" description="Only traces that meet every filter are shown.">
        <ConditionForm
          onAdd={(condition) => {
            setAdding(false);
            onFilter([...filter, condition]);
          }}
        />
      </Dialog>
    </div>
  );
}

function ConditionForm({ onAdd }: { onAdd: (condition: Condition) => void }) {
  const [index, setIndex] = useState(0);
  const chosen = COLUMNS[index] ?? COLUMNS[0];
  if (!chosen) return null;
  const { column, kind, key } = chosen;
  const isNumber = kind === "number" || kind === "numberObject";
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const text = String(form.get("value") ?? "");
    const isList = kind === "stringOptions" || kind === "arrayOptions";
    onAdd({
      type: kind,
      column,
      operator: String(form.get("operator")),
      value: isNumber
        ? Number(text)
        : kind === "boolean"
          ? text === "true"
          : isList
            ? text.split(",").map((part) => part.trim()).filter(Boolean)
            : text,
      ...(key && { key: String(form.get("key")) }),
    });
  };
  return (
    <form onSubmit={submit} className="flex flex-col gap-3">
      <label className="flex flex-col gap-1 font-medium">
        What
        <select className={FIELD} value={index} onChange={(event) => setIndex(Number(event.target.value))}>
          {COLUMNS.map(({ name }, position) => (
            <option key={name} value={position}>
              {name}
            </option>
          ))}
        </select>
      </label>
      {key && (
        <label className="flex flex-col gap-1 font-medium">
          {key}
          <input className={FIELD} name="key" required />
        </label>
      )}
      <div key={column} className="grid grid-cols-[10rem_1fr] gap-3">
        <label className="flex flex-col gap-1 font-medium">
          Condition
          <select className={FIELD} name="operator">
            {OPERATORS[kind].map((operator) => (
              <option key={operator}>{operator}</option>
            ))}
          </select>
        </label>
        <label className="flex flex-col gap-1 font-medium">
          Value
          {kind === "boolean" ? (
            <select className={FIELD} name="value">
              <option>true</option>
              <option>false</option>
            </select>
          ) : (
            <input
              className={FIELD}
              name="value"
              required
              type={isNumber ? "number" : "text"}
              step="any"
              placeholder={kind === "stringOptions" || kind === "arrayOptions" ? "one, or several with commas" : undefined}
            />
          )}
        </label>
      </div>
      <Button type="submit" look="primary" className="self-end">
        Add filter
      </Button>
    </form>
  );
}
