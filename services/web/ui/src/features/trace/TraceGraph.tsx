// The trace as a graph of its kinds of steps. Choosing one goes through its observations in turn.
import { clsx } from "clsx";
import { CircleAlert } from "lucide-react";
import { useMemo } from "react";
import { count, duration } from "../../components/format";
import { type GraphEdge, type GraphNode, graphOf, MAX_NODES } from "./graph";
import { KindIcon } from "./kinds";
import type { Skeleton } from "./tree";

const WIDTH = 176;
const HEIGHT = 46;
const GAP_X = 24;
const GAP_Y = 44;
const EDGE = 16;

const left = ({ row }: GraphNode) => EDGE + row * (WIDTH + GAP_X);
const top = ({ layer }: GraphNode) => EDGE + layer * (HEIGHT + GAP_Y);

export function TraceGraph({ skeleton, selected, onSelect }: { skeleton: Skeleton; selected: number; onSelect: (index: number) => void }) {
  const graph = useMemo(() => graphOf(skeleton), [skeleton]);
  if (!graph) return <p className="p-4 text-soft">This trace has more than {MAX_NODES} kinds of steps. The tree shows them all.</p>;
  const byKey = new Map(graph.nodes.map((node) => [node.key, node]));
  const width = EDGE * 2 + graph.rows * (WIDTH + GAP_X) - GAP_X;
  const height = EDGE * 2 + graph.layers * (HEIGHT + GAP_Y) - GAP_Y;
  const choose = ({ indexes }: GraphNode) => {
    const next = indexes.find((index) => index > selected && indexes.includes(selected));
    onSelect(next ?? (indexes[0] as number));
  };
  return (
    <div role="region" aria-label="Graph of the steps" tabIndex={0} className="min-h-0 flex-1 overflow-auto outline-offset-[-2px]">
      <div className="relative" style={{ width, height }}>
        <svg aria-hidden width={width} height={height} className="absolute inset-0">
          {graph.edges.map((edge) => (
            <Edge key={`${edge.from}${edge.to}`} edge={edge} from={byKey.get(edge.from) as GraphNode} to={byKey.get(edge.to) as GraphNode} />
          ))}
        </svg>
        <ul>
          {graph.nodes.map((node) => {
            const isSelected = node.indexes.includes(selected);
            return (
              <li key={node.key} className="absolute" style={{ left: left(node), top: top(node), width: WIDTH, height: HEIGHT }}>
                <button
                  type="button"
                  aria-pressed={isSelected}
                  onClick={() => choose(node)}
                  className={clsx(
                    "flex h-full w-full flex-col justify-center rounded-md border px-2 text-left hover:bg-hover",
                    isSelected ? "border-accent bg-accent-wash" : "border-line bg-raised",
                  )}
                >
                  <span className="flex w-full items-center gap-1.5">
                    <KindIcon type={node.type} />
                    <span className="min-w-0 flex-1 truncate" title={node.name}>
                      {node.name || "unnamed"}
                    </span>
                    {node.errors > 0 && <CircleAlert role="img" aria-label={`${node.errors} with errors`} className="size-3.5 shrink-0 text-error" />}
                  </span>
                  <span className="text-2xs text-soft">
                    {isSelected && node.indexes.length > 1 ? `${node.indexes.indexOf(selected) + 1} of ${count(node.indexes.length)}` : `${count(node.indexes.length)} ×`} · {duration(node.seconds)}
                  </span>
                </button>
              </li>
            );
          })}
        </ul>
      </div>
    </div>
  );
}

function Edge({ edge, from, to }: { edge: GraphEdge; from: GraphNode; to: GraphNode }) {
  const x1 = left(from) + WIDTH / 2;
  const x2 = left(to) + WIDTH / 2;
  const y1 = top(from) + HEIGHT;
  const goesUp = to.layer <= from.layer;
  const y2 = goesUp ? top(to) + HEIGHT : top(to);
  const bend = goesUp ? GAP_Y : (y2 - y1) / 2;
  const path = `M${x1} ${y1}C${x1} ${y1 + bend} ${x2} ${goesUp ? y2 + bend : y2 - bend} ${x2} ${y2}`;
  return (
    <g>
      <path d={path} fill="none" stroke="var(--bar)" strokeWidth={Math.min(4, 1 + Math.log2(edge.count) / 2)} strokeDasharray={goesUp ? "4 3" : undefined} />
      <circle cx={x2} cy={y2} r={3} fill="var(--bar)" />
    </g>
  );
}
