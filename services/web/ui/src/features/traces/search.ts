// What the trace list's address holds, and what it asks the server for.

export type Condition = {
  type: string;
  column: string;
  operator: string;
  value: string | number | boolean | string[];
  key?: string;
};

export const RANGES = {
  "15m": { name: "Last 15 minutes", seconds: 900 },
  "1h": { name: "Last hour", seconds: 3600 },
  "24h": { name: "Last 24 hours", seconds: 86_400 },
  "7d": { name: "Last 7 days", seconds: 7 * 86_400 },
  "30d": { name: "Last 30 days", seconds: 30 * 86_400 },
  "90d": { name: "Last 90 days", seconds: 90 * 86_400 },
  all: { name: "All time", seconds: null },
} as const;
export type Range = keyof typeof RANGES;
export const DEFAULT_RANGE: Range = "7d";

export const SORTS = ["timestamp", "name", "latency", "totalCost", "totalTokens", "observationCount", "errorCount"] as const;
export type Sort = (typeof SORTS)[number];

export type TracesSearch = {
  q?: string;
  filter?: Condition[];
  range?: Range;
  from?: string;
  to?: string;
  sort?: Sort;
  order?: "asc" | "desc";
  cols?: string[];
  live?: boolean;
};

/** The address's parameters that are understood; the others are left out. */
export function tracesSearch(search: Record<string, unknown>): TracesSearch {
  const { q, filter, range, from, to, sort, order, cols, live } = search;
  return {
    ...(typeof q === "string" && q !== "" && { q }),
    ...(Array.isArray(filter) && filter.every(isCondition) && filter.length > 0 && { filter }),
    ...(typeof range === "string" && range in RANGES && { range: range as Range }),
    ...(isTime(from) && isTime(to) && { from, to }),
    ...(SORTS.includes(sort as Sort) && { sort: sort as Sort }),
    ...((order === "asc" || order === "desc") && { order }),
    ...(Array.isArray(cols) && cols.every((name) => typeof name === "string") && { cols }),
    ...(typeof live === "boolean" && { live }),
  };
}

function isTime(value: unknown): value is string {
  return typeof value === "string" && !Number.isNaN(Date.parse(value));
}

function isCondition(value: unknown): value is Condition {
  if (typeof value !== "object" || value === null) return false;
  const { type, column, operator } = value as Record<string, unknown>;
  return typeof type === "string" && typeof column === "string" && typeof operator === "string";
}

/** The bounds of the chosen range; a relative one is cut to ten seconds, so that equal questions share an answer. */
export function bounds(search: TracesSearch, now: number): { fromTimestamp?: string; toTimestamp?: string } {
  if (search.from && search.to) return { fromTimestamp: iso(Date.parse(search.from)), toTimestamp: iso(Date.parse(search.to)) };
  const { seconds } = RANGES[search.range ?? DEFAULT_RANGE];
  return seconds === null ? {} : { fromTimestamp: iso(Math.floor(now / 10_000) * 10_000 - seconds * 1000) };
}

function iso(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}

/** The values of a facet that are chosen: those of its one `any of` condition. */
export function chosen(filter: readonly Condition[], column: string): string[] {
  const found = filter.find((condition) => condition.column === column && condition.operator === "any of");
  return Array.isArray(found?.value) ? found.value : [];
}

/** The filter with a facet's value switched on or off. */
export function toggled(filter: readonly Condition[], column: string, value: string): Condition[] {
  const before = chosen(filter, column);
  const values = before.includes(value) ? before.filter((other) => other !== value) : [...before, value];
  const others = filter.filter((condition) => condition.column !== column || condition.operator !== "any of");
  const type = column === "tags" ? "arrayOptions" : "stringOptions";
  return values.length === 0 ? others : [...others, { type, column, operator: "any of", value: values }];
}

/** A condition in words. */
export function words({ column, operator, value, key }: Condition): string {
  const of = key === undefined ? column : `${column}.${key}`;
  if (operator === "is null") return `${of} is not set`;
  if (operator === "is not null") return `${of} is set`;
  const shown = Array.isArray(value) ? value.join(", ") : String(value);
  return `${of} ${operator} ${shown}`;
}
