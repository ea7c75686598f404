// The tree and the waterfall in one: a row's name at the left, its bar at the right.
import { useVirtualizer } from "@tanstack/react-virtual";
import { clsx } from "clsx";
import { ChevronRight, CircleAlert } from "lucide-react";
import { type KeyboardEvent, useEffect, useRef } from "react";
import { cost, duration, tokens } from "../../components/format";
import { barColour, KindIcon } from "./kinds";
import { ancestors, lengthOf, type Row, type Skeleton, type Tree, wordsOf } from "./tree";

const ROW_PX = 28;
const INDENT_PX = 14;
const MAX_INDENT = 20;

type Props = {
  skeleton: Skeleton;
  tree: Tree;
  rows: Row[];
  selected: number;
  hits: ReadonlySet<number> | undefined;
  withBars: boolean;
  onSelect: (index: number) => void;
  onToggle: (index: number, isOpen: boolean) => void;
};

export function TraceTree(props: Props) {
  const { skeleton, tree, rows, selected, hits, withBars, onSelect, onToggle } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    overscan: 16,
  });
  const at = rows.findIndex(({ index }) => index === selected);
  useEffect(() => {
    if (at >= 0) virtual.scrollToIndex(at, { align: "auto" });
  }, [at, virtual]);
  const length = lengthOf(skeleton);

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const row = rows[at];
    const go = (to: number) => {
      const next = rows[Math.max(0, Math.min(rows.length - 1, to))];
      if (next) onSelect(next.index);
    };
    const steps: Record<string, number> = { ArrowDown: 1, ArrowUp: -1, PageDown: 15, PageUp: -15, Home: -1e9, End: 1e9 };
    const step = steps[event.key];
    if (step !== undefined) go(at + step);
    else if (event.key === "ArrowRight" && row?.hasChildren) row.isOpen ? go(at + 1) : onToggle(row.index, true);
    else if (event.key === "ArrowLeft" && row) {
      const parent = ancestors(skeleton, row.index)[0];
      if (row.isOpen) onToggle(row.index, false);
      else if (parent !== undefined) onSelect(parent);
    } else if (event.key === "e") {
      const error = skeleton.words.indexOf("ERROR");
      const order = [...rows.slice(at + 1), ...rows.slice(0, at + 1)];
      const next = order.find(({ index }) => skeleton.level[index] === error);
      if (next) onSelect(next.index);
    } else return;
    event.preventDefault();
  };

  return (
    <div
      ref={scroller}
      role="tree"
      aria-label={`Observations of this trace, ${rows.length} shown`}
      tabIndex={0}
      aria-activedescendant={at >= 0 ? `row-${selected}` : undefined}
      onKeyDown={onKeyDown}
      className="group min-h-0 flex-1 overflow-auto outline-offset-[-2px]"
    >
      <div className="relative" style={{ height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map((item) => {
          const row = rows[item.index];
          return (
            row && (
              <TreeRow
                key={row.index}
                row={row}
                skeleton={skeleton}
                errorsBelow={tree.errorsBelow[row.index] ?? 0}
                costBelow={tree.costBelow[row.index] ?? Number.NaN}
                top={item.start}
                isSelected={row.index === selected}
                isHit={hits?.has(row.index)}
                length={withBars ? length : undefined}
                onSelect={onSelect}
                onToggle={onToggle}
              />
            )
          );
        })}
      </div>
    </div>
  );
}

function TreeRow({
  row,
  skeleton,
  errorsBelow,
  costBelow,
  top,
  isSelected,
  isHit,
  length,
  onSelect,
  onToggle,
}: {
  row: Row;
  skeleton: Skeleton;
  errorsBelow: number;
  costBelow: number;
  top: number;
  isSelected: boolean;
  isHit: boolean | undefined;
  length: number | undefined;
  onSelect: (index: number) => void;
  onToggle: (index: number, isOpen: boolean) => void;
}) {
  const { index } = row;
  const { name, type, level } = wordsOf(skeleton, index);
  const start = skeleton.startUs[index] ?? 0;
  const end = skeleton.endUs[index] ?? -1;
  const seconds = end < 0 ? null : (end - start) / 1e6;
  const total = skeleton.totalTokens[index] ?? 0;
  return (
    <div
      id={`row-${index}`}
      role="treeitem"
      aria-level={row.depth + 1}
      aria-setsize={row.siblings}
      aria-posinset={row.position}
      aria-expanded={row.hasChildren ? row.isOpen : undefined}
      aria-selected={isSelected}
      onClick={() => onSelect(index)}
      className={clsx(
        "absolute inset-x-0 flex cursor-pointer items-center gap-1.5 pr-3 whitespace-nowrap hover:bg-hover",
        isSelected && "bg-accent-wash shadow-[inset_2px_0_0_var(--accent)]",
        isHit === false && "opacity-45",
      )}
      style={{ height: ROW_PX, transform: `translateY(${top}px)`, paddingLeft: 6 + Math.min(row.depth, MAX_INDENT) * INDENT_PX }}
    >
      <span
        aria-hidden
        onClick={(event) => {
          if (!row.hasChildren) return;
          event.stopPropagation();
          onToggle(index, !row.isOpen);
        }}
        className="flex size-4 shrink-0 items-center justify-center rounded text-soft hover:bg-line"
      >
        {row.hasChildren && <ChevronRight className={clsx("size-3.5 transition-transform", row.isOpen && "rotate-90")} />}
      </span>
      {row.depth > MAX_INDENT && <span className="text-2xs text-soft">{row.depth}</span>}
      <KindIcon type={type} />
      <span className={clsx("min-w-0 truncate", length === undefined ? "flex-1" : "w-44 shrink-0 xl:w-56", isHit && "font-semibold")}>
        {name || <span className="text-soft">unnamed</span>}
      </span>
      {level === "ERROR" ? (
        <CircleAlert role="img" aria-label="error" className="size-3.5 shrink-0 text-error" />
      ) : (
        errorsBelow > 0 && !row.isOpen && <span className="shrink-0 text-2xs text-error">{errorsBelow} below</span>
      )}
      {length === undefined ? (
        <>
          {total > 0 && <span className="text-2xs text-soft max-sm:hidden">{tokens(total)} tok</span>}
          {!Number.isNaN(costBelow) && costBelow > 0 && <span className="w-16 text-right text-2xs text-soft max-sm:hidden">{cost(costBelow)}</span>}
          <span className="w-14 text-right text-2xs text-soft">{end < 0 && type !== "EVENT" ? "running" : seconds === 0 || type === "EVENT" ? "" : duration(seconds)}</span>
        </>
      ) : (
        <Bar start={start} end={end} length={length} colour={barColour(type, level)} text={duration(seconds)} />
      )}
    </div>
  );
}

/** A bar with its duration beside it, or before it where there is no room behind. */
function Bar({ start, end, length, colour, text }: { start: number; end: number; length: number; colour: string; text: string }) {
  const scale = 100 / Math.max(1, length);
  const left = start * scale;
  const width = Math.max(0, (end < 0 ? length : end) - start) * scale;
  const isLate = left + width > 80;
  return (
    <span
      className="relative h-full min-w-40 flex-1"
      title={`starts ${duration(start / 1e6)} after the first, lasts ${end < 0 ? "until it ends" : text}`}
    >
      <span
        className={clsx("absolute top-1/2 h-2.5 -translate-y-1/2 rounded-sm", colour, end < 0 && "animate-pulse")}
        style={{ left: `${left}%`, width: `max(2px, ${width}%)` }}
      />
      <span
        className="absolute top-1/2 -translate-y-1/2 px-1.5 text-2xs text-soft"
        style={isLate ? { right: `${100 - left}%` } : { left: `${left + width}%` }}
      >
        {end < 0 ? "running" : text}
      </span>
    </span>
  );
}
