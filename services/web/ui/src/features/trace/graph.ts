// The steps of a trace by name: which kind of step leads to which, how often, and what it took.
import { type Skeleton, wordsOf } from "./tree";

export type GraphNode = {
  key: string;
  name: string;
  type: string;
  /** Positions of its observations, by start time. */
  indexes: number[];
  errors: number;
  seconds: number;
  layer: number;
  row: number;
};
export type GraphEdge = { from: string; to: string; count: number };
export type Graph = { nodes: GraphNode[]; edges: GraphEdge[]; layers: number; rows: number };

export const MAX_NODES = 300;

/** Nodes of one name and type each, in layers by how deep they first appear; undefined for more than MAX_NODES. */
export function graphOf(skeleton: Skeleton): Graph | undefined {
  const nodes = new Map<string, GraphNode>();
  const edges = new Map<string, GraphEdge>();
  const keys: string[] = [];
  for (let index = 0; index < skeleton.ids.length; index += 1) {
    const { name, type, level } = wordsOf(skeleton, index);
    const key = `${type}\u0000${name}`;
    keys.push(key);
    const node = nodes.get(key) ?? { key, name, type, indexes: [], errors: 0, seconds: 0, layer: -1, row: 0 };
    if (!nodes.has(key)) {
      if (nodes.size === MAX_NODES) return undefined;
      nodes.set(key, node);
    }
    node.indexes.push(index);
    if (level === "ERROR") node.errors += 1;
    const end = skeleton.endUs[index] ?? -1;
    if (end >= 0) node.seconds += (end - (skeleton.startUs[index] ?? 0)) / 1e6;
  }
  const starts: string[] = [];
  for (let index = 0; index < keys.length; index += 1) {
    const parent = skeleton.parent[index] ?? -1;
    const to = keys[index] as string;
    const from = keys[parent];
    if (from === undefined) starts.push(to);
    else if (from !== to) {
      const key = `${from}\u0001${to}`;
      const edge = edges.get(key);
      if (edge) edge.count += 1;
      else edges.set(key, { from, to, count: 1 });
    }
  }
  const list = [...nodes.values()];
  const layers = setLayers(nodes, [...edges.values()], starts);
  return { nodes: list, edges: [...edges.values()], layers, rows: Math.max(1, ...list.map(({ row }) => row + 1)) };
}

/** Gives every node the length of the shortest way to it as its layer; returns how many layers there are. */
function setLayers(nodes: Map<string, GraphNode>, edges: GraphEdge[], starts: string[]): number {
  const next = new Map<string, string[]>();
  for (const { from, to } of edges) next.set(from, [...(next.get(from) ?? []), to]);
  const used: number[] = [];
  const place = (key: string, layer: number) => {
    const node = nodes.get(key) as GraphNode;
    node.layer = layer;
    node.row = used[layer] ?? 0;
    used[layer] = node.row + 1;
  };
  let waiting = starts;
  for (let layer = 0; ; ) {
    const here = [...new Set(waiting)].filter((key) => nodes.get(key)?.layer === -1);
    if (here.length > 0) {
      for (const key of here) place(key, layer);
      waiting = here.flatMap((key) => next.get(key) ?? []);
      layer += 1;
      continue;
    }
    // What only rings of broken senders reach comes after all else.
    const left = [...nodes.values()].find((node) => node.layer === -1);
    if (!left) return used.length;
    waiting = [left.key];
  }
}
