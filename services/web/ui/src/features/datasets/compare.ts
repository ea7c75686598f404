// How experiments differ: figures against those of the first, and scores against what it got.

/** Which way is good: more score, less cost. `none` where more is neither. */
export type Direction = "more" | "less" | "none";
export type Delta = { amount: number; isBetter: boolean | undefined };

/** How far a figure is from the first experiment's; undefined where one of them has none, or they are the same. */
export function delta(value: number | null | undefined, first: number | null | undefined, good: Direction): Delta | undefined {
  if (value === null || value === undefined || first === null || first === undefined) return undefined;
  const amount = value - first;
  // What only rounding tells apart is the same.
  if (Math.abs(amount) <= 1e-9 * Math.max(Math.abs(value), Math.abs(first))) return undefined;
  return { amount, isBetter: good === "none" ? undefined : amount > 0 === (good === "more") };
}

type Named = { name: string };

/** Names of scores in any of the lists, in the order they first come. */
export function scoreNames(lists: readonly (readonly Named[])[]): string[] {
  return [...new Set(lists.flatMap((list) => list.map(({ name }) => name)))];
}
