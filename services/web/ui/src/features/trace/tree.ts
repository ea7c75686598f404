// The tree of a trace, flat: arrays instead of objects, so that a hundred thousand observations stay quick.
import type { Shapes } from "../../api/client";

export type Skeleton = Shapes["SkeletonShape"];

export type Tree = {
  roots: Int32Array;
  /** The children of `i` are `children[firstChild[i] .. firstChild[i + 1])`, by start time. */
  firstChild: Int32Array;
  children: Int32Array;
  /** Errors in the subtree, the observation itself included. */
  errorsBelow: Int32Array;
  /** Cost of the subtree in USD, the observation itself included; NaN where nothing has one. */
  costBelow: Float64Array;
};

export type Row = { index: number; depth: number; position: number; siblings: number; hasChildren: boolean; isOpen: boolean };

/** Parents that form a ring, which only broken senders make, are cut so that every observation is shown once. */
export function treeOf(skeleton: Skeleton): Tree {
  const size = skeleton.ids.length;
  const parent = withoutRings(skeleton.parent);
  const firstChild = new Int32Array(size + 1);
  let rootCount = 0;
  for (let i = 0; i < size; i += 1) {
    const of = parent[i] as number;
    if (of < 0) rootCount += 1;
    else firstChild[of + 1] = (firstChild[of + 1] as number) + 1;
  }
  for (let i = 0; i < size; i += 1) firstChild[i + 1] = (firstChild[i + 1] as number) + (firstChild[i] as number);
  const next = firstChild.slice();
  const children = new Int32Array(size - rootCount);
  const roots = new Int32Array(rootCount);
  let root = 0;
  for (let i = 0; i < size; i += 1) {
    const of = parent[i] as number;
    if (of < 0) {
      roots[root] = i;
      root += 1;
    } else {
      children[next[of] as number] = i;
      next[of] = (next[of] as number) + 1;
    }
  }
  return { roots, firstChild, children, ...sums(skeleton, parent) };
}

function withoutRings(given: readonly number[]): Int32Array {
  const parent = Int32Array.from(given);
  // 0: not seen, 1: on the way up from here, 2: known to end at a root.
  const state = new Uint8Array(parent.length);
  for (let start = 0; start < parent.length; start += 1) {
    const way: number[] = [];
    let at = start;
    while (at >= 0 && state[at] === 0) {
      state[at] = 1;
      way.push(at);
      at = parent[at] as number;
    }
    if (at >= 0 && state[at] === 1) parent[at] = -1;
    for (const passed of way) state[passed] = 2;
  }
  return parent;
}

function sums(skeleton: Skeleton, parent: Int32Array): { errorsBelow: Int32Array; costBelow: Float64Array } {
  const size = parent.length;
  const error = skeleton.words.indexOf("ERROR");
  const errorsBelow = new Int32Array(size);
  const costBelow = new Float64Array(size).fill(Number.NaN);
  const waiting = new Int32Array(size);
  for (let i = 0; i < size; i += 1) {
    errorsBelow[i] = skeleton.level[i] === error ? 1 : 0;
    const own = skeleton.costUsd[i];
    if (own !== null && own !== undefined) costBelow[i] = own;
    const of = parent[i] as number;
    if (of >= 0) waiting[of] = (waiting[of] as number) + 1;
  }
  // From the leaves up, so that no depth needs recursion.
  const ready: number[] = [];
  for (let i = 0; i < size; i += 1) if (waiting[i] === 0) ready.push(i);
  while (ready.length > 0) {
    const i = ready.pop() as number;
    const of = parent[i] as number;
    if (of < 0) continue;
    errorsBelow[of] = (errorsBelow[of] as number) + (errorsBelow[i] as number);
    const cost = costBelow[i] as number;
    if (!Number.isNaN(cost)) costBelow[of] = cost + (Number.isNaN(costBelow[of] as number) ? 0 : (costBelow[of] as number));
    waiting[of] = (waiting[of] as number) - 1;
    if (waiting[of] === 0) ready.push(of);
  }
  return { errorsBelow, costBelow };
}

/** The rows in view order: what is below a closed observation is left out. */
export function rowsOf(tree: Tree, closed: ReadonlySet<number>): Row[] {
  const rows: Row[] = [];
  // Pushed backwards, so that the first comes out first.
  const stack: Omit<Row, "hasChildren" | "isOpen">[] = [];
  const push = (list: Int32Array, from: number, to: number, depth: number) => {
    for (let i = to - 1; i >= from; i -= 1) stack.push({ index: list[i] as number, depth, position: i - from + 1, siblings: to - from });
  };
  push(tree.roots, 0, tree.roots.length, 0);
  for (let entry = stack.pop(); entry; entry = stack.pop()) {
    const from = tree.firstChild[entry.index] as number;
    const to = tree.firstChild[entry.index + 1] as number;
    const isOpen = to > from && !closed.has(entry.index);
    rows.push({ ...entry, hasChildren: to > from, isOpen });
    if (isOpen) push(tree.children, from, to, entry.depth + 1);
  }
  return rows;
}

/** The words of an observation. */
export function wordsOf(skeleton: Skeleton, index: number) {
  const word = (position: number | undefined) => skeleton.words[position ?? -1] ?? "";
  return {
    name: word(skeleton.name[index]),
    type: word(skeleton.type[index]),
    level: word(skeleton.level[index]),
    model: word(skeleton.model[index]),
  };
}

/** Length of the trace in µs: to the last end or start. */
export function lengthOf(skeleton: Skeleton): number {
  let last = 0;
  for (let i = 0; i < skeleton.ids.length; i += 1) {
    last = Math.max(last, skeleton.startUs[i] as number, skeleton.endUs[i] as number);
  }
  return last;
}

/** Positions whose name, type, model or id holds a text, in any case. */
export function found(skeleton: Skeleton, text: string): Set<number> {
  const wanted = text.toLowerCase();
  const words = skeleton.words.map((word) => word.toLowerCase().includes(wanted));
  const hits = new Set<number>();
  for (let i = 0; i < skeleton.ids.length; i += 1) {
    const isHit =
      words[skeleton.name[i] as number] ||
      words[skeleton.type[i] as number] ||
      words[skeleton.model[i] as number] ||
      (skeleton.ids[i] as string).toLowerCase().includes(wanted);
    if (isHit) hits.add(i);
  }
  return hits;
}

/** The parents of an observation, nearest first. */
export function ancestors(skeleton: Skeleton, index: number): number[] {
  const path: number[] = [];
  const seen = new Set<number>([index]);
  for (let at = skeleton.parent[index] ?? -1; at >= 0 && !seen.has(at); at = skeleton.parent[at] ?? -1) {
    seen.add(at);
    path.push(at);
  }
  return path;
}
