// The part of a trace's page that shows its observations: the same for a project's trace and for a shared one.
import { clsx } from "clsx";
import { ChartNoAxesGantt, ChevronsDownUp, ChevronsUpDown, ListTree, Search, Waypoints } from "lucide-react";
import { lazy, type ReactNode, Suspense, useCallback, useEffect, useMemo, useState } from "react";
import { Button, IconButton, Skeleton as Placeholder } from "../../components/basics";
import { count } from "../../components/format";
import type { Trace } from "./queries";
import type { TraceSearch } from "./search";
import { TraceTree } from "./TraceTree";
import { ancestors, found, rowsOf, treeOf } from "./tree";

type Skeleton = Trace["skeleton"];
const TraceGraph = lazy(() => import("./TraceGraph").then((module) => ({ default: module.TraceGraph })));

/** Tree, timeline or graph at the left, what is selected at the right; `head` and `details` are the page's own. */
export function TraceBody({
  skeleton,
  search,
  onChange: change,
  head,
  details,
}: {
  skeleton: Skeleton;
  search: TraceSearch;
  onChange: (part: Partial<TraceSearch>) => void;
  head: (goToError: () => void) => ReactNode;
  details: (observationId: string | undefined) => ReactNode;
}) {
  const tree = useMemo(() => treeOf(skeleton), [skeleton]);
  const [closed, setClosed] = useState<ReadonlySet<number>>(new Set());
  const hits = useMemo(() => (search.find ? found(skeleton, search.find) : undefined), [skeleton, search.find]);
  const rows = useMemo(() => rowsOf(tree, closed), [tree, closed]);
  const positions = useMemo(() => new Map(skeleton.ids.map((id, index) => [id, index])), [skeleton]);
  const selected = search.observation === undefined ? -1 : (positions.get(search.observation) ?? -1);
  const select = useCallback(
    (index: number) => change({ observation: index < 0 ? undefined : skeleton.ids[index] }),
    [change, skeleton],
  );
  const open = useCallback((indexes: number[]) => {
    setClosed((before) => {
      const next = new Set(before);
      for (const index of indexes) next.delete(index);
      return next.size === before.size ? before : next;
    });
  }, []);
  useEffect(() => {
    // What is selected has to be seen.
    if (selected >= 0) open(ancestors(skeleton, selected));
  }, [selected, skeleton, open]);
  const onToggle = useCallback((index: number, isOpen: boolean) => {
    setClosed((before) => {
      const next = new Set(before);
      if (isOpen) next.delete(index);
      else next.add(index);
      return next;
    });
  }, []);
  const nextHit = (step: 1 | -1) => {
    const list = rows.filter(({ index }) => hits?.has(index)).map(({ index }) => index);
    const at = list.indexOf(selected);
    const next = list[(at + step + list.length) % list.length];
    if (next !== undefined) select(next);
  };
  const firstError = () => {
    const error = skeleton.words.indexOf("ERROR");
    const next = skeleton.level.findIndex((level, index) => level === error && index > selected);
    select(next >= 0 ? next : skeleton.level.indexOf(error));
  };
  const withBars = search.layout === "timeline";
  const asGraph = search.layout === "graph";

  return (
    <div className="flex min-h-0 flex-1 flex-col">
      {head(firstError)}
      <div className="flex min-h-0 flex-1 flex-col border-t border-line lg:flex-row">
        <section aria-label="Observations" className={clsx("flex min-h-48 min-w-0 flex-col border-line max-lg:h-[45%] max-lg:border-b lg:border-r", withBars || asGraph ? "lg:w-[58%]" : "lg:w-[26rem]")}>
          <div className="flex flex-wrap items-center gap-1 border-b border-line px-2 py-1">
            <div role="group" aria-label="Layout" className="flex">
              <Button look="quiet" aria-pressed={!withBars && !asGraph} onClick={() => change({ layout: undefined })} className={clsx("h-7", !withBars && !asGraph && "bg-hover !text-ink")}>
                <ListTree aria-hidden className="size-3.5" /> Tree
              </Button>
              <Button look="quiet" aria-pressed={withBars} onClick={() => change({ layout: "timeline" })} className={clsx("h-7", withBars && "bg-hover !text-ink")}>
                <ChartNoAxesGantt aria-hidden className="size-3.5" /> Timeline
              </Button>
              <Button look="quiet" aria-pressed={asGraph} onClick={() => change({ layout: "graph" })} className={clsx("h-7", asGraph && "bg-hover !text-ink")}>
                <Waypoints aria-hidden className="size-3.5" /> Graph
              </Button>
            </div>
            <div className="relative min-w-28 flex-1">
              <Search aria-hidden className="pointer-events-none absolute top-1.5 left-2 size-3.5 text-soft" />
              <input
                type="search"
                aria-label="Find in this trace"
                placeholder="Find"
                defaultValue={search.find}
                onChange={(event) => change({ find: event.target.value || undefined })}
                onKeyDown={(event) => event.key === "Enter" && nextHit(event.shiftKey ? -1 : 1)}
                className="h-7 w-full rounded-md border border-line bg-raised pr-1 pl-7"
              />
            </div>
            {hits && (
              <span aria-live="polite" className="text-2xs text-soft">
                {count(hits.size)} of {count(skeleton.ids.length)}
              </span>
            )}
            <IconButton label={closed.size > 0 ? "Expand all" : "Collapse all"} className="size-7" onClick={() => setClosed(closed.size > 0 ? new Set() : new Set(rows.filter((row) => row.hasChildren && row.depth > 0).map(({ index }) => index)))}>
              {closed.size > 0 ? <ChevronsUpDown className="size-3.5" /> : <ChevronsDownUp className="size-3.5" />}
            </IconButton>
          </div>
          <button
            type="button"
            aria-pressed={selected < 0}
            onClick={() => select(-1)}
            className={clsx("flex h-7 shrink-0 items-center gap-1.5 px-2 text-left hover:bg-hover", selected < 0 && "bg-accent-wash shadow-[inset_2px_0_0_var(--accent)]")}
          >
            <span className="truncate font-medium">Whole trace</span>
          </button>
          {asGraph && rows.length > 0 ? (
            <Suspense fallback={<Placeholder className="m-3 h-40" />}>
              <TraceGraph skeleton={skeleton} selected={selected} onSelect={select} />
            </Suspense>
          ) : rows.length > 0 ? (
            <TraceTree skeleton={skeleton} tree={tree} rows={rows} selected={selected} hits={hits} withBars={withBars} onSelect={select} onToggle={onToggle} />
          ) : (
            <p className="p-4 text-soft">No observation of this trace has arrived.</p>
          )}
          <MissingParents skeleton={skeleton} />
        </section>
        <section aria-label="Details" tabIndex={0} className="min-h-0 min-w-0 flex-1 overflow-y-auto outline-offset-[-2px]">
          {details(selected < 0 ? undefined : skeleton.ids[selected])}
        </section>
      </div>
    </div>
  );
}

function MissingParents({ skeleton }: { skeleton: Skeleton }) {
  const missing = Object.keys(skeleton.missingParents).length;
  if (missing === 0) return null;
  return (
    <p className="border-t border-line bg-warning-wash px-3 py-1 text-2xs text-warning">
      {missing === 1 ? "The parent of one observation has" : `The parents of ${count(missing)} observations have`} not arrived (yet); they are shown at the top level.
    </p>
  );
}
