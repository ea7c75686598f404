// Stretches of time that pages are about, as their addresses hold them.

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

export type RangeSearch = { range?: Range; from?: string; to?: string };

/** The parts of an address that name a stretch of time and are understood. */
export function rangeSearch({ range, from, to }: Record<string, unknown>): RangeSearch {
  return {
    ...(typeof range === "string" && range in RANGES && { range: range as Range }),
    ...(isTime(from) && isTime(to) && { from, to }),
  };
}

/** The bounds of the chosen range; a relative one is cut to ten seconds, so that equal questions share an answer. */
export function bounds(search: RangeSearch, now: number): { fromTimestamp?: string; toTimestamp?: string } {
  if (search.from && search.to) return { fromTimestamp: iso(Date.parse(search.from)), toTimestamp: iso(Date.parse(search.to)) };
  const { seconds } = RANGES[search.range ?? DEFAULT_RANGE];
  return seconds === null ? {} : { fromTimestamp: iso(Math.floor(now / 10_000) * 10_000 - seconds * 1000) };
}

function isTime(value: unknown): value is string {
  return typeof value === "string" && !Number.isNaN(Date.parse(value));
}

function iso(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}
