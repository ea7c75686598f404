import { expect, test } from "vitest";
import { ancestors, found, lengthOf, rowsOf, type Skeleton, treeOf } from "./tree";

/** A skeleton from `[id, parent's position]`, each starting a second after the one before and lasting one. */
function skeleton(parents: number[], part: Partial<Skeleton> = {}): Skeleton {
  const zeros = parents.map(() => 0);
  return {
    start: "2026-01-01T00:00:00.000000Z",
    ids: parents.map((_, index) => `o${index}`),
    parent: parents,
    name: zeros,
    type: zeros,
    level: zeros,
    model: zeros,
    startUs: parents.map((_, index) => index * 1_000_000),
    endUs: parents.map((_, index) => (index + 1) * 1_000_000),
    firstTokenUs: parents.map(() => -1),
    inputTokens: zeros,
    outputTokens: zeros,
    totalTokens: zeros,
    costUsd: parents.map(() => null),
    words: ["DEFAULT", "ERROR"],
    missingParents: {},
    ...part,
  };
}

const NOTHING = new Set<number>();

test("rows come depth first, with their place among siblings", () => {
  const rows = rowsOf(treeOf(skeleton([-1, 0, 0, 1, -1])), NOTHING);

  expect(rows.map(({ index, depth, position, siblings }) => [index, depth, position, siblings])).toEqual([
    [0, 0, 1, 2],
    [1, 1, 1, 2],
    [3, 2, 1, 1],
    [2, 1, 2, 2],
    [4, 0, 2, 2],
  ]);
});

test("what is below a closed row is left out", () => {
  const rows = rowsOf(treeOf(skeleton([-1, 0, 1, 0])), new Set([1]));

  expect(rows.map(({ index, isOpen }) => [index, isOpen])).toEqual([[0, true], [1, false], [3, false]]);
});

test("a ring of parents is cut, so that every observation is shown once", () => {
  const rows = rowsOf(treeOf(skeleton([2, 0, 1, -1])), NOTHING);

  expect(rows.map(({ index }) => index).sort()).toEqual([0, 1, 2, 3]);
});

test("errors and costs add up towards the root", () => {
  const tree = treeOf(skeleton([-1, 0, 1, 0], { level: [0, 0, 1, 1], costUsd: [null, 1, 2, null] }));

  expect([...tree.errorsBelow]).toEqual([2, 1, 1, 1]);
  expect([...tree.costBelow]).toEqual([3, 3, 2, Number.NaN]);
});

test("a hundred thousand observations, one below the other, take a blink", () => {
  const deep = skeleton(Array.from({ length: 100_000 }, (_, index) => index - 1));
  const started = performance.now();
  const rows = rowsOf(treeOf(deep), NOTHING);

  expect(rows.at(-1)).toMatchObject({ index: 99_999, depth: 99_999 });
  expect(performance.now() - started).toBeLessThan(2000);
});

test("find looks at names and ids in any case", () => {
  const named = skeleton([-1, 0], { words: ["Search", "x"], name: [1, 0], type: [1, 1], model: [1, 1] });

  expect([...found(named, "sEAR")]).toEqual([1]);
  expect([...found(named, "O0")]).toEqual([0]);
});

test("the length reaches to the last end, or to the start of what runs", () => {
  expect(lengthOf(skeleton([-1, 0]))).toBe(2_000_000);
  expect(lengthOf(skeleton([-1, 0], { endUs: [500_000, -1] }))).toBe(1_000_000);
});

test("ancestors go up and never round", () => {
  expect(ancestors(skeleton([-1, 0, 1]), 2)).toEqual([1, 0]);
  expect(ancestors(skeleton([1, 0]), 0)).toEqual([1]);
});
