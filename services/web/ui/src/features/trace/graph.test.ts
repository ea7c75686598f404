import { expect, test } from "vitest";
import { graphOf, MAX_NODES } from "./graph";
import type { Skeleton } from "./tree";

function skeleton(steps: readonly (readonly [string, number])[]): Skeleton {
  const words = [...new Set(["SPAN", "DEFAULT", "", ...steps.map(([name]) => name)])];
  const all = <T,>(value: T) => steps.map(() => value);
  return {
    start: "2026-01-01T00:00:00.000000Z",
    ids: steps.map((_, index) => String(index)),
    parent: steps.map(([, parent]) => parent),
    name: steps.map(([name]) => words.indexOf(name)),
    type: all(0),
    level: all(1),
    model: all(2),
    startUs: all(0),
    endUs: all(1_000_000),
    firstTokenUs: all(-1),
    inputTokens: all(0),
    outputTokens: all(0),
    totalTokens: all(0),
    costUsd: all(null),
    words,
    missingParents: {},
  };
}

test("steps of one name are one node", () => {
  const graph = graphOf(skeleton([["agent", -1], ["plan", 0], ["tool", 0], ["plan", 0], ["llm", 1], ["llm", 3]]));

  expect(graph?.nodes.map(({ name, indexes, layer, seconds }) => [name, indexes.length, layer, seconds])).toEqual([
    ["agent", 1, 0, 1],
    ["plan", 2, 1, 2],
    ["tool", 1, 1, 1],
    ["llm", 2, 2, 2],
  ]);
  expect(graph?.edges.map(({ count }) => count)).toEqual([2, 1, 2]);
});

test("names that call each other end", () => {
  const graph = graphOf(skeleton([["a", -1], ["b", 0], ["a", 1], ["b", 2]]));

  expect(graph?.nodes.map(({ name, layer }) => [name, layer])).toEqual([["a", 0], ["b", 1]]);
  expect(graph?.edges).toHaveLength(2);
});

test("a ring that nothing leads to is shown", () => {
  expect(graphOf(skeleton([["a", 1], ["b", 0]]))?.nodes.every(({ layer }) => layer >= 0)).toBe(true);
});

test("too many names are no graph", () => {
  expect(graphOf(skeleton(Array.from({ length: MAX_NODES + 1 }, (_, index) => [`n${index}`, -1] as const)))).toBeUndefined();
});
