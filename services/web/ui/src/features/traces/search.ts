// What the trace list's address holds, and what it asks the server for.
import { type RangeSearch, rangeSearch } from "../../components/range";

export type Condition = {
  type: string;
  column: string;
  operator: string;
  value: string | number | boolean | string[];
  key?: string;
};

export const SORTS = ["timestamp", "name", "latency", "totalCost", "totalTokens", "observationCount", "errorCount"] as const;
export type Sort = (typeof SORTS)[number];

export type TracesSearch = RangeSearch & {
  q?: string;
  filter?: Condition[];
  sort?: Sort;
  order?: "asc" | "desc";
  cols?: string[];
  live?: boolean;
};

/** The address's parameters that are understood; the others are left out. */
export function tracesSearch(search: Record<string, unknown>): TracesSearch {
  const { q, filter, sort, order, cols, live } = search;
  return {
    ...rangeSearch(search),
    ...(typeof q === "string" && q !== "" && { q }),
    ...(Array.isArray(filter) && filter.every(isCondition) && filter.length > 0 && { filter }),
    ...(SORTS.includes(sort as Sort) && { sort: sort as Sort }),
    ...((order === "asc" || order === "desc") && { order }),
    ...(Array.isArray(cols) && cols.every((name) => typeof name === "string") && { cols }),
    ...(typeof live === "boolean" && { live }),
  };
}

function isCondition(value: unknown): value is Condition {
  if (typeof value !== "object" || value === null) return false;
  const { type, column, operator } = value as Record<string, unknown>;
  return typeof type === "string" && typeof column === "string" && typeof operator === "string";
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
