// JSON as a tree that opens part by part: what is closed costs nothing.
import { ChevronRight } from "lucide-react";
import { useState } from "react";
import { TextWithMedia } from "./Media";

const SHOWN = 100;
const LONG = 2_000;

export function JsonTree({ value, depth = 0 }: { value: unknown; depth?: number }) {
  if (typeof value !== "object" || value === null) return <Leaf value={value} />;
  const entries = Array.isArray(value) ? value.map((item, index) => [String(index), item] as const) : Object.entries(value);
  if (entries.length === 0) return <span className="text-soft">{Array.isArray(value) ? "[]" : "{}"}</span>;
  return <Entries entries={entries} depth={depth} />;
}

function Entries({ entries, depth }: { entries: readonly (readonly [string, unknown])[]; depth: number }) {
  const [limit, setLimit] = useState(SHOWN);
  return (
    <ul className="font-mono text-[0.92em]">
      {entries.slice(0, limit).map(([key, item]) => (
        <Entry key={key} name={key} value={item} depth={depth} />
      ))}
      {entries.length > limit && (
        <li>
          <button type="button" className="min-h-7 pl-5 text-accent-ink hover:underline" onClick={() => setLimit(limit + 500)}>
            {entries.length - limit} more…
          </button>
        </li>
      )}
    </ul>
  );
}

function Entry({ name, value, depth }: { name: string; value: unknown; depth: number }) {
  const isBranch = typeof value === "object" && value !== null && Object.keys(value).length > 0;
  const [isOpen, setOpen] = useState(depth < 2);
  if (!isBranch) {
    return (
      <li className="py-px pl-5">
        <span className="text-accent-ink">{name}</span>
        <span className="text-soft">: </span>
        <JsonTree value={value} depth={depth + 1} />
      </li>
    );
  }
  const size = Object.keys(value).length;
  return (
    <li>
      <button type="button" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)} className="flex min-h-7 items-center gap-1 text-left">
        <ChevronRight aria-hidden className={`size-4 shrink-0 text-soft transition-transform ${isOpen ? "rotate-90" : ""}`} />
        <span className="text-accent-ink">{name}</span>
        <span className="text-2xs text-soft">{Array.isArray(value) ? `[${size}]` : `{${size}}`}</span>
      </button>
      {isOpen && (
        <div className="ml-2 border-l border-line pl-2">
          <JsonTree value={value} depth={depth + 1} />
        </div>
      )}
    </li>
  );
}

function Leaf({ value }: { value: unknown }) {
  const [isWhole, setWhole] = useState(false);
  if (typeof value === "string") {
    const isLong = value.length > LONG && !isWhole;
    return (
      <span className="whitespace-pre-wrap">
        <TextWithMedia text={isLong ? value.slice(0, LONG) : value} words={(words) => words} />
        {isLong && (
          <button type="button" className="ml-1 text-accent-ink hover:underline" onClick={() => setWhole(true)}>
            … {value.length - LONG} more characters
          </button>
        )}
      </span>
    );
  }
  return <span className={value === null ? "text-soft" : "text-bar-tool"}>{String(value)}</span>;
}
