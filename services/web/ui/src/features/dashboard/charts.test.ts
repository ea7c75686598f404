import { expect, test } from "vitest";
import { type ChartSpec, listOf, queryOf, seriesOf, specOf, unitOf } from "./charts";

const COST: ChartSpec = { name: "Cost", view: "observations", metrics: [{ measure: "totalCost", aggregation: "sum" }], dimension: "providedModelName", kind: "bars" };

test("a saved chart that the API would refuse is left out", () => {
  const good = { view: "traces", measure: "count", aggregation: "count", kind: "bars" };

  expect(specOf("a", { ...good, view: "planets" })).toBeUndefined();
  expect(specOf("a", { ...good, measure: "__proto" })).toBeUndefined();
  expect(specOf("a", { ...good, aggregation: "median" })).toBeUndefined();
  expect(specOf("a", { ...good, kind: "pie" })).toBeUndefined();
  expect(specOf("a", { ...good, dimension: "weight" })?.dimension).toBeUndefined();
});

test("every value of the dimension is a series, the largest first", () => {
  const rows = [
    { time_dimension: "2026-01-01", providedModelName: "a", sum_totalCost: 1 },
    { time_dimension: "2026-01-02", providedModelName: null, sum_totalCost: 0 },
    { time_dimension: "2026-01-03", providedModelName: "b", sum_totalCost: 2 },
    { time_dimension: "2026-01-03", providedModelName: "a", sum_totalCost: 0.5 },
  ];

  expect(seriesOf(COST, rows)).toEqual({
    times: ["2026-01-01", "2026-01-02", "2026-01-03"],
    series: [
      { name: "b", values: [null, null, 2] },
      { name: "a", values: [1, null, 0.5] },
    ],
  });
});

test("what does not fit becomes the others", () => {
  const rows = Array.from({ length: 9 }, (_, index) => ({ time_dimension: "2026-01-01", providedModelName: `m${index}`, sum_totalCost: 9 - index }));
  const { series } = seriesOf(COST, rows);

  expect(series.map(({ name }) => name)).toEqual(["m0", "m1", "m2", "m3", "m4", "4 others"]);
  expect(series.at(-1)?.values).toEqual([4 + 3 + 2 + 1]);
});

test("whole numbers come as texts", () => {
  const spec: ChartSpec = { name: "", view: "traces", metrics: [{ measure: "count", aggregation: "count" }], dimension: "name", kind: "list" };

  expect(listOf(spec, [{ name: "chat", count_count: "12" }, { name: null, count_count: "1" }])).toEqual([
    { key: "chat", value: 12 },
    { key: "not set", value: 1 },
  ]);
  expect(unitOf(spec)).toBe("count");
});

test("a query is narrowed by what each view calls a trace's name", () => {
  const bounds = { from: "2026-01-01T00:00:00Z", to: "2026-01-02T00:00:00Z" };
  const columns = (spec: ChartSpec) => (JSON.parse(queryOf(spec, bounds, { environment: "e", name: "n" })) as { filters: { column: string }[] }).filters.map(({ column }) => column);

  expect(columns(COST)).toEqual(["environment", "traceName"]);
  expect(columns({ ...COST, view: "traces" })).toEqual(["environment", "name"]);
});
