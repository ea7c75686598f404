// What a chart asks for, and how its answer becomes series. No React here.

export type View = "traces" | "observations" | "scores-numeric";
export type Metric = { measure: string; aggregation: string };
export type ChartKind = "bars" | "lines" | "list";
export type Unit = "count" | "usd" | "milliseconds" | "number";
export type ChartSpec = {
  name: string;
  view: View;
  metrics: readonly Metric[];
  dimension?: string;
  kind: ChartKind;
  filters?: readonly Condition[];
};
export type Condition = { type: string; column: string; operator: string; value: string | string[] };
export type Answered = Readonly<Record<string, unknown>>;

const MAX_SERIES = 6;
const MAX_LISTED = 8;
const TIME = "time_dimension";

/** What a view can be measured by and grouped by, in the words of the API and ours. */
export const VIEWS: Record<View, { name: string; measures: Record<string, { name: string; unit: Unit }>; dimensions: Record<string, string> }> = {
  traces: {
    name: "Traces",
    measures: {
      count: { name: "Traces", unit: "count" },
      latency: { name: "Latency", unit: "milliseconds" },
      totalCost: { name: "Cost", unit: "usd" },
      totalTokens: { name: "Tokens", unit: "count" },
      observationsCount: { name: "Observations", unit: "count" },
      uniqueUserIds: { name: "Users", unit: "count" },
      uniqueSessionIds: { name: "Sessions", unit: "count" },
    },
    dimensions: { name: "Name", userId: "User", sessionId: "Session", environment: "Environment", release: "Release", version: "Version" },
  },
  observations: {
    name: "Observations",
    measures: {
      count: { name: "Observations", unit: "count" },
      latency: { name: "Latency", unit: "milliseconds" },
      timeToFirstToken: { name: "Time to first token", unit: "milliseconds" },
      totalCost: { name: "Cost", unit: "usd" },
      inputTokens: { name: "Input tokens", unit: "count" },
      outputTokens: { name: "Output tokens", unit: "count" },
      totalTokens: { name: "Tokens", unit: "count" },
      outputTokensPerSecond: { name: "Output tokens per second", unit: "number" },
    },
    dimensions: { providedModelName: "Model", name: "Name", type: "Type", level: "Level", traceName: "Trace name", userId: "User", environment: "Environment", promptName: "Prompt" },
  },
  "scores-numeric": {
    name: "Scores",
    measures: { value: { name: "Value", unit: "number" }, count: { name: "Scores", unit: "count" } },
    dimensions: { name: "Name", source: "Source", traceName: "Trace name", environment: "Environment", userId: "User" },
  },
};
export const AGGREGATIONS = ["sum", "avg", "count", "min", "max", "p50", "p90", "p95", "p99", "uniq"] as const;

export const keyOf = ({ measure, aggregation }: Metric) => `${aggregation}_${measure}`;

/** The query of a chart as the metrics API takes it. */
export function queryOf(spec: ChartSpec, bounds: { from: string; to: string }, narrowed: { environment?: string; name?: string }): string {
  const is = (column: string, value: string): Condition => ({ type: "stringOptions", column, operator: "any of", value: [value] });
  const filters = [
    ...(spec.filters ?? []),
    ...(narrowed.environment ? [is("environment", narrowed.environment)] : []),
    ...(narrowed.name ? [is(spec.view === "traces" ? "name" : "traceName", narrowed.name)] : []),
  ];
  const first = spec.metrics[0];
  return JSON.stringify({
    view: spec.view,
    metrics: spec.metrics,
    dimensions: spec.dimension ? [{ field: spec.dimension }] : [],
    filters,
    fromTimestamp: bounds.from,
    toTimestamp: bounds.to,
    ...(spec.kind === "list"
      ? { orderBy: first ? [{ field: keyOf(first), direction: "desc" }] : [], config: { row_limit: MAX_LISTED } }
      : { timeDimension: { granularity: "auto" } }),
  });
}

/** Times and series of an answer: one series for each metric, or for each of the largest values of the dimension. */
export function seriesOf(spec: ChartSpec, rows: readonly Answered[]) {
  const times = [...new Set(rows.map((row) => String(row[TIME])))].sort();
  const position = new Map(times.map((time, index) => [time, index]));
  const series = new Map<string, (number | null)[]>();
  const put = (name: string, row: Answered, key: string) => {
    const value = numberOf(row[key]);
    if (value === null) return;
    const values = series.get(name) ?? times.map(() => null);
    series.set(name, values);
    const index = position.get(String(row[TIME])) as number;
    values[index] = (values[index] ?? 0) + value;
  };
  const single = spec.metrics[0];
  if (spec.dimension === undefined || !single) {
    for (const row of rows) for (const metric of spec.metrics) put(nameOf(spec, metric), row, keyOf(metric));
  } else {
    for (const row of rows) if (row[spec.dimension] !== null || numberOf(row[keyOf(single)])) put(textOf(row[spec.dimension]), row, keyOf(single));
  }
  const all = [...series].map(([name, values]) => ({ name, values }));
  if (spec.dimension === undefined) return { times, series: all };
  const size = ({ values }: { values: (number | null)[] }) => values.reduce<number>((sum, value) => sum + (value ?? 0), 0);
  const ranked = all.filter((each) => size(each) > 0).sort((one, other) => size(other) - size(one));
  if (ranked.length <= MAX_SERIES || spec.kind === "lines") return { times, series: ranked.slice(0, MAX_SERIES) };
  const rest = ranked.slice(MAX_SERIES - 1);
  const others = times.map((_, index) => rest.reduce((sum, { values }) => sum + (values[index] ?? 0), 0));
  return { times, series: [...ranked.slice(0, MAX_SERIES - 1), { name: `${rest.length} others`, values: others }] };
}

/** The rows of a list: a value of the dimension each. */
export function listOf(spec: ChartSpec, rows: readonly Answered[]): { key: string; value: number | null }[] {
  const metric = spec.metrics[0];
  if (!metric) return [];
  return rows.map((row) => ({ key: spec.dimension ? textOf(row[spec.dimension]) : nameOf(spec, metric), value: numberOf(row[keyOf(metric)]) }));
}

export function unitOf(spec: ChartSpec): Unit {
  const metric = spec.metrics[0];
  if (!metric) return "number";
  if (metric.aggregation === "count" || metric.aggregation === "uniq") return "count";
  return VIEWS[spec.view].measures[metric.measure]?.unit ?? "number";
}

/** A spec that somebody saved, where it still makes sense. */
export function specOf(name: string, content: Record<string, unknown>): ChartSpec | undefined {
  const { view, measure, aggregation, dimension, kind } = content;
  if (typeof view !== "string" || !(view in VIEWS)) return undefined;
  const of = VIEWS[view as View];
  if (typeof measure !== "string" || !(measure in of.measures)) return undefined;
  if (!AGGREGATIONS.some((each) => each === aggregation)) return undefined;
  if (kind !== "bars" && kind !== "lines" && kind !== "list") return undefined;
  const by = typeof dimension === "string" && dimension in of.dimensions ? dimension : undefined;
  return { name, view: view as View, metrics: [{ measure, aggregation: aggregation as string }], dimension: by, kind };
}

function nameOf(spec: ChartSpec, { measure, aggregation }: Metric): string {
  const name = VIEWS[spec.view].measures[measure]?.name ?? measure;
  return aggregation === "sum" || aggregation === "count" || aggregation === "uniq" ? name : aggregation;
}

function textOf(value: unknown): string {
  return value === null || value === undefined || value === "" ? "not set" : String(value);
}

/** Whole numbers come as texts, as they may be larger than JavaScript's. */
function numberOf(value: unknown): number | null {
  if (typeof value === "number") return value;
  if (typeof value !== "string" || value === "") return null;
  const number = Number(value);
  return Number.isNaN(number) ? null : number;
}
