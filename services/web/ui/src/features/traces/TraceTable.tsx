// The rows: only those in view exist in the page, however many there are.
import { useNavigate } from "@tanstack/react-router";
import { useVirtualizer } from "@tanstack/react-virtual";
import { clsx } from "clsx";
import { ArrowDown, ArrowUp } from "lucide-react";
import { type KeyboardEvent, useEffect, useRef, useState } from "react";
import { Skeleton } from "../../components/basics";
import type { Column } from "./columns";
import type { TraceRow } from "./queries";
import type { Sort } from "./search";

const ROW_PX = 34;
const AHEAD = 20;

export function TraceTable({
  projectId,
  rows,
  columns,
  sort,
  order,
  onSort,
  selected,
  onSelect,
  onEnd,
  hasMore,
  isStale,
}: {
  projectId: string;
  rows: TraceRow[];
  columns: Column[];
  sort: Sort;
  order: "asc" | "desc";
  onSort: (sort: Sort) => void;
  selected: ReadonlySet<string>;
  onSelect: (ids: Set<string>) => void;
  onEnd: () => void;
  hasMore: boolean;
  isStale: boolean;
}) {
  const navigate = useNavigate();
  const scroller = useRef<HTMLDivElement>(null);
  const [active, setActive] = useState(0);
  const virtual = useVirtualizer({
    count: rows.length + (hasMore ? 1 : 0),
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    overscan: 12,
  });
  const items = virtual.getVirtualItems();
  const lastIndex = items.at(-1)?.index ?? 0;
  useEffect(() => {
    if (hasMore && lastIndex >= rows.length - AHEAD) onEnd();
  }, [hasMore, lastIndex, rows.length, onEnd]);

  const toggle = (id: string) => {
    const next = new Set(selected);
    if (!next.delete(id)) next.add(id);
    onSelect(next);
  };
  const open = (row: TraceRow) =>
    void navigate({ to: "/project/$projectId/traces/$traceId", params: { projectId, traceId: row.id } });
  const move = (to: number) => {
    const next = Math.max(0, Math.min(rows.length - 1, to));
    setActive(next);
    virtual.scrollToIndex(next);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const row = rows[active];
    if (event.ctrlKey || event.metaKey || event.altKey || event.target !== event.currentTarget) return;
    const steps: Record<string, number> = { ArrowDown: 1, j: 1, ArrowUp: -1, k: -1, PageDown: 15, PageUp: -15, Home: -1e9, End: 1e9 };
    const step = steps[event.key];
    if (step !== undefined) move(active + step);
    else if (event.key === "Enter" && row) open(row);
    else if ((event.key === "x" || event.key === " ") && row) toggle(row.id);
    else return;
    event.preventDefault();
  };
  const template = `2.25rem ${columns.map(({ width }) => width).join(" ")}`;

  return (
    <div
      ref={scroller}
      role="grid"
      aria-label="Traces"
      aria-rowcount={hasMore ? -1 : rows.length + 1}
      aria-multiselectable
      aria-activedescendant={rows[active] ? `trace-row-${active}` : undefined}
      aria-busy={isStale}
      tabIndex={0}
      onKeyDown={onKeyDown}
      className={clsx("group min-h-0 flex-1 overflow-auto transition-opacity", isStale && "opacity-60")}
    >
      <div className="min-w-max md:min-w-[56rem]">
        <div role="rowgroup" className="sticky top-0 z-10 bg-ground">
        <div role="row" aria-rowindex={1} className="grid items-center border-b border-line" style={{ gridTemplateColumns: template }}>
          <div role="columnheader" className="flex h-8 items-center justify-center">
            <input
              type="checkbox"
              aria-label="Select all loaded traces"
              checked={rows.length > 0 && selected.size === rows.length}
              onChange={(event) => onSelect(event.target.checked ? new Set(rows.map(({ id }) => id)) : new Set())}
              className="accent-(--accent)"
            />
          </div>
          {columns.map((column) => (
            <Header key={column.id} column={column} sort={sort} order={order} onSort={onSort} />
          ))}
        </div>
        </div>
        <div role="rowgroup" className="relative" style={{ height: virtual.getTotalSize() }}>
          {items.map((item) => {
            const row = rows[item.index];
            return (
              <div
                key={row?.id ?? "more"}
                id={`trace-row-${item.index}`}
                role="row"
                aria-rowindex={item.index + 2}
                aria-selected={row ? selected.has(row.id) : false}
                onClick={(event) => {
                  if (!row || (event.target as HTMLElement).closest("input") || event.ctrlKey || event.metaKey || event.shiftKey) return;
                  setActive(item.index);
                  open(row);
                }}
                className={clsx(
                  "absolute inset-x-0 grid cursor-pointer items-center border-b border-line hover:bg-hover",
                  row && selected.has(row.id) && "bg-accent-wash",
                  item.index === active && "group-focus-visible:bg-hover group-focus-visible:shadow-[inset_2px_0_0_var(--accent)]",
                )}
                style={{ gridTemplateColumns: template, height: ROW_PX, transform: `translateY(${item.start}px)` }}
              >
                {row ? (
                  <Cells projectId={projectId} row={row} columns={columns} isSelected={selected.has(row.id)} onToggle={() => toggle(row.id)} />
                ) : (
                  <div role="gridcell" className="col-span-full px-3">
                    <Skeleton className="h-4 w-1/2" />
                  </div>
                )}
              </div>
            );
          })}
        </div>
      </div>
    </div>
  );
}

function Cells({
  projectId,
  row,
  columns,
  isSelected,
  onToggle,
}: {
  projectId: string;
  row: TraceRow;
  columns: Column[];
  isSelected: boolean;
  onToggle: () => void;
}) {
  return (
    <>
      <div role="gridcell" className="flex justify-center">
        <input
          type="checkbox"
          tabIndex={-1}
          aria-label={`Select ${row.name ?? row.id}`}
          checked={isSelected}
          onChange={onToggle}
          className="accent-(--accent)"
        />
      </div>
      {columns.map((column) => (
        <div
          key={column.id}
          role="gridcell"
          className={clsx("truncate px-2 whitespace-nowrap", column.isNumber && "text-right", column.id === "timestamp" && "text-soft")}
        >
          {column.id === "name" ? (
            // A real link: opened in a new tab, copied, seen by screen readers.
            <a href={`project/${encodeURIComponent(projectId)}/traces/${encodeURIComponent(row.id)}`} tabIndex={-1} onClick={(event) => { if (!event.ctrlKey && !event.metaKey && !event.shiftKey) event.preventDefault(); }} className="block">
              {column.cell(row)}
            </a>
          ) : (
            column.cell(row)
          )}
        </div>
      ))}
    </>
  );
}

function Header({ column, sort, order, onSort }: { column: Column; sort: Sort; order: "asc" | "desc"; onSort: (sort: Sort) => void }) {
  const isSorted = column.sort === sort;
  const Arrow = order === "asc" ? ArrowUp : ArrowDown;
  const { sort: by } = column;
  return (
    <div
      role="columnheader"
      aria-sort={isSorted ? (order === "asc" ? "ascending" : "descending") : undefined}
      className={clsx("text-2xs font-medium text-soft", column.isNumber && "text-right")}
    >
      {by ? (
        <button
          type="button"
          onClick={() => onSort(by)}
          className={clsx("inline-flex h-8 w-full items-center gap-1 px-2 hover:text-ink", column.isNumber && "justify-end", isSorted && "text-ink")}
        >
          {column.name}
          {isSorted && <Arrow aria-hidden className="size-3" />}
        </button>
      ) : (
        <span className="px-2">{column.name}</span>
      )}
    </div>
  );
}
