// The columns the trace table can show.
import type { ReactNode } from "react";
import { Ago, Level, Tag } from "../../components/basics";
import { cost, count, duration, tokens } from "../../components/format";
import type { TraceRow } from "./queries";
import type { Sort } from "./search";

export type Column = {
  id: string;
  name: string;
  /** A track of the grid. */
  width: string;
  sort?: Sort;
  isNumber?: boolean;
  cell: (row: TraceRow) => ReactNode;
};

// The first thing somebody said in a JSON text: people look for words, not for brackets. The text may be cut.
const SAID = /^\s*[[{].*?"(?:content|text|query|question|task|prompt|message)"\s*:\s*"((?:[^"\\]|\\.)+)/s;
const NONE = <span className="text-soft">–</span>;

function preview(text: string | null) {
  if (text === null) return <span className="text-soft italic">not sent</span>;
  const said = SAID.exec(text)?.[1];
  return said ? (
    <span className="text-soft">{said.replaceAll("\\n", " ").replaceAll('\\"', '"')}</span>
  ) : (
    <span className={/^\s*[[{]/.test(text) ? "font-mono text-[0.85em] text-soft" : "text-soft"}>{text.replace(/\s+/g, " ")}</span>
  );
}

export const COLUMNS: readonly Column[] = [
  { id: "timestamp", name: "Time", width: "7rem", sort: "timestamp", cell: (row) => <Ago time={row.timestamp} /> },
  {
    id: "name",
    name: "Name",
    width: "minmax(11rem, 1.2fr)",
    sort: "name",
    cell: (row) => (
      <span className="flex min-w-0 items-center gap-1.5">
        <span className="truncate font-medium">{row.name ?? <span className="text-soft">unnamed</span>}</span>
        {row.errorCount > 0 ? (
          <Level level="ERROR" count={row.errorCount} />
        ) : (
          row.warningCount > 0 && <Level level="WARNING" count={row.warningCount} />
        )}
      </span>
    ),
  },
  { id: "input", name: "Input", width: "minmax(10rem, 1.4fr)", cell: (row) => preview(row.inputPreview) },
  { id: "output", name: "Output", width: "minmax(10rem, 1.4fr)", cell: (row) => preview(row.outputPreview) },
  {
    id: "observations",
    name: "Steps",
    width: "4.5rem",
    sort: "observationCount",
    isNumber: true,
    cell: (row) => count(row.observationCount),
  },
  {
    id: "latency",
    name: "Latency",
    width: "5.5rem",
    sort: "latency",
    isNumber: true,
    cell: (row) => duration(row.latencySeconds),
  },
  {
    id: "tokens",
    name: "Tokens",
    width: "5.5rem",
    sort: "totalTokens",
    isNumber: true,
    cell: (row) => (
      <span title={`${count(row.inputTokens)} in, ${count(row.outputTokens)} out`}>{tokens(row.totalTokens)}</span>
    ),
  },
  { id: "cost", name: "Cost", width: "6.5rem", sort: "totalCost", isNumber: true, cell: (row) => cost(row.totalCostUsd) },
  { id: "user", name: "User", width: "9rem", cell: (row) => row.userId ?? NONE },
  { id: "session", name: "Session", width: "8rem", cell: (row) => row.sessionId ?? NONE },
  {
    id: "tags",
    name: "Tags",
    width: "10rem",
    cell: (row) => (
      <span className="flex gap-1 overflow-hidden">
        {row.tags.map((tag) => (
          <Tag key={tag}>{tag}</Tag>
        ))}
      </span>
    ),
  },
  { id: "environment", name: "Environment", width: "7rem", cell: (row) => row.environment },
  { id: "models", name: "Models", width: "10rem", cell: (row) => row.models.join(", ") || NONE },
  { id: "release", name: "Release", width: "7rem", cell: (row) => row.release ?? NONE },
  { id: "version", name: "Version", width: "7rem", cell: (row) => row.version ?? NONE },
  { id: "id", name: "Trace id", width: "12rem", cell: (row) => <span className="font-mono text-[0.85em]">{row.id}</span> },
];

export const DEFAULT_COLUMNS = ["timestamp", "name", "input", "output", "observations", "latency", "tokens", "cost", "user"];

/** The columns to show, in their own order; the defaults for none or none known. */
export function shownColumns(ids: readonly string[] | undefined): Column[] {
  const wanted = COLUMNS.filter(({ id }) => (ids ?? DEFAULT_COLUMNS).includes(id));
  return wanted.length > 0 ? wanted : shownColumns(undefined);
}
