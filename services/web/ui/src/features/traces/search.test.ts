import { expect, test } from "vitest";
import { bounds } from "../../components/range";
import { chosen, toggled, tracesSearch, words } from "./search";

test("what an address says wrongly is left out", () => {
  const search = { q: 5, filter: [{ no: 1 }], range: "forever", from: "x", to: "y", sort: "id", order: "up", cols: [1], live: "no" };

  expect(tracesSearch(search)).toEqual({});
});

test("what an address says rightly is kept", () => {
  const search = { q: "a", filter: [{ type: "string", column: "name", operator: "=", value: "x" }], range: "24h", sort: "latency", order: "asc", live: false };

  expect(tracesSearch(search)).toEqual(search);
});

test("a facet's values are one condition", () => {
  const one = toggled([], "name", "a");
  const two = toggled(one, "name", "b");

  expect(two).toEqual([{ type: "stringOptions", column: "name", operator: "any of", value: ["a", "b"] }]);
  expect(chosen(two, "name")).toEqual(["a", "b"]);
  expect(toggled(toggled(two, "name", "a"), "name", "b")).toEqual([]);
});

test("bounds are relative, fixed or open", () => {
  expect(bounds({ range: "1h" }, Date.parse("2026-01-01T10:00:05Z"))).toEqual({ fromTimestamp: "2026-01-01T09:00:00.000Z" });
  expect(bounds({ from: "2026-01-01T00:00:00Z", to: "2026-01-02T00:00:00Z" }, 0)).toEqual({
    fromTimestamp: "2026-01-01T00:00:00.000Z",
    toTimestamp: "2026-01-02T00:00:00.000Z",
  });
  expect(bounds({ range: "all" }, 0)).toEqual({});
});

test("a condition reads as a sentence", () => {
  expect(words({ type: "stringObject", column: "metadata", key: "k", operator: "contains", value: "v" })).toBe("metadata.k contains v");
});
