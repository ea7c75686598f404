import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { clsx } from "clsx";
import { ArrowLeft, Braces, ChartNoAxesGantt, ChevronsDownUp, ChevronsUpDown, CircleAlert, Link as LinkIcon, ListTree, Search, Waypoints } from "lucide-react";
import { lazy, Suspense, useCallback, useEffect, useMemo, useState } from "react";
import { Refusal } from "../../api/client";
import { Ago, Button, CopyButton, Empty, IconButton, Problem, Skeleton, Tag } from "../../components/basics";
import { cost, count, duration, shortCount } from "../../components/format";
import { ObservationPane, TraceDetail } from "./Detail";
import { type Trace, traceQuery } from "./queries";
import type { TraceSearch } from "./search";
import { TraceTree } from "./TraceTree";
import { ancestors, found, lengthOf, rowsOf, treeOf } from "./tree";

const TraceGraph = lazy(() => import("./TraceGraph").then((module) => ({ default: module.TraceGraph })));
const route = getRouteApi("/project/$projectId/traces/$traceId");
const RUNNING_MS = 2000;
const RUNNING_FOR_MS = 600_000;

export function TracePage() {
  const { projectId, traceId } = route.useParams();
  const query = useQuery({
    ...traceQuery(projectId, traceId),
    refetchInterval: ({ state }) => (state.data && isRunning(state.data) ? RUNNING_MS : false),
  });
  useEffect(() => {
    document.title = `${query.data?.trace.name ?? "Trace"} · ElasticDash`;
  }, [query.data]);
  if (query.data) return <Loaded projectId={projectId} data={query.data} />;
  if (query.isError) {
    return query.error instanceof Refusal && query.error.status === 404 ? (
      <Empty isPage title="No such trace" action={<Button onClick={() => void query.refetch()}>Look again</Button>}>
        {query.error.message}. Its id is <code className="font-mono">{traceId}</code>.
      </Empty>
    ) : (
      <Problem error={query.error} onRetry={() => void query.refetch()} />
    );
  }
  return (
    <div className="flex flex-col gap-3 p-4" aria-busy="true">
      <Skeleton className="h-6 w-64" />
      <Skeleton className="h-5 w-96" />
      <Skeleton className="h-80" />
    </div>
  );
}

/** Whether some observation has no end yet and the trace is young enough that it may come. */
function isRunning({ trace, skeleton }: Trace): boolean {
  const event = skeleton.words.indexOf("EVENT");
  const isYoung = Date.now() - Date.parse(trace.timestamp) < RUNNING_FOR_MS;
  return isYoung && skeleton.endUs.some((end, index) => end < 0 && skeleton.type[index] !== event);
}

function Loaded({ projectId, data }: { projectId: string; data: Trace }) {
  const { trace, skeleton, scores } = data;
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const change = useCallback(
    (part: Partial<TraceSearch>) => void navigate({ search: (before) => ({ ...before, ...part }), replace: true }),
    [navigate],
  );
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
      <Head projectId={projectId} data={data} onError={firstError} />
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
            <Suspense fallback={<Skeleton className="m-3 h-40" />}>
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
          {selected < 0 ? (
            <TraceDetail projectId={projectId} trace={trace} scores={scores} />
          ) : (
            <ObservationPane
              projectId={projectId}
              traceId={trace.id}
              observationId={skeleton.ids[selected] as string}
              scores={scores.filter((score) => score.observationId === skeleton.ids[selected])}
            />
          )}
        </section>
      </div>
    </div>
  );
}

function MissingParents({ skeleton }: { skeleton: Trace["skeleton"] }) {
  const missing = Object.keys(skeleton.missingParents).length;
  if (missing === 0) return null;
  return (
    <p className="border-t border-line bg-warning-wash px-3 py-1 text-2xs text-warning">
      {missing === 1 ? "The parent of one observation has" : `The parents of ${count(missing)} observations have`} not arrived (yet); they are shown at the top level.
    </p>
  );
}

function Head({ projectId, data, onError }: { projectId: string; data: Trace; onError: () => void }) {
  const { trace, skeleton } = data;
  const figures = useMemo(() => {
    const error = skeleton.words.indexOf("ERROR");
    const sum = (list: readonly (number | null)[]) => list.reduce<number>((total, value) => total + (value ?? 0), 0);
    const hasCost = skeleton.costUsd.some((value) => value !== null);
    return {
      seconds: lengthOf(skeleton) / 1e6,
      errors: skeleton.level.filter((level) => level === error).length,
      input: sum(skeleton.inputTokens),
      output: sum(skeleton.outputTokens),
      cost: hasCost ? sum(skeleton.costUsd) : null,
    };
  }, [skeleton]);
  return (
    <header className="flex flex-col gap-1 px-3 py-2">
      <div className="flex items-center gap-1.5">
        <Link to="/project/$projectId/traces" params={{ projectId }} aria-label="Back to the traces" title="Back to the traces" className="inline-flex size-8 items-center justify-center rounded-md text-soft hover:bg-hover hover:text-ink">
          <ArrowLeft aria-hidden className="size-4" />
        </Link>
        <h1 className="min-w-0 truncate text-base font-semibold">{trace.name ?? <span className="text-soft">unnamed trace</span>}</h1>
        {figures.errors > 0 && (
          <Button look="quiet" onClick={onError} className="h-7 !bg-error-wash px-1.5 text-2xs !text-error" title="Go to the next error (E)">
            <CircleAlert aria-hidden className="size-3" />
            {figures.errors} {figures.errors === 1 ? "error" : "errors"}
          </Button>
        )}
        {isRunning(data) && <Tag>running</Tag>}
        <div className="flex-1" />
        <span className="hidden font-mono text-2xs text-soft xl:inline">{trace.id}</span>
        <CopyButton text={trace.id} label="Copy trace id" />
        <CopyLink />
        <CopyJson projectId={projectId} traceId={trace.id} />
      </div>
      <dl className="flex flex-wrap items-center gap-x-5 gap-y-1 pl-2 text-soft">
        <Fact name="Started">
          <Ago time={trace.timestamp} />
        </Fact>
        <Fact name="Latency">{duration(figures.seconds)}</Fact>
        <Fact name="Observations">{count(skeleton.ids.length)}</Fact>
        {figures.input + figures.output > 0 && (
          <Fact name="Tokens">
            {shortCount(figures.input)} in, {shortCount(figures.output)} out
          </Fact>
        )}
        {figures.cost !== null && <Fact name="Cost">{cost(figures.cost)}</Fact>}
        {trace.userId && (
          <Fact name="User">
            <Filtered projectId={projectId} column="userId" value={trace.userId} />
          </Fact>
        )}
        {trace.sessionId && (
          <Fact name="Session">
            <Link to="/project/$projectId/sessions/$sessionId" params={{ projectId, sessionId: trace.sessionId }} className="text-accent-ink hover:underline">
              {trace.sessionId}
            </Link>
          </Fact>
        )}
        {trace.tags.length > 0 && (
          <Fact name="Tags">
            <span className="inline-flex flex-wrap gap-1">
              {trace.tags.map((tag) => (
                <Tag key={tag}>{tag}</Tag>
              ))}
            </span>
          </Fact>
        )}
      </dl>
    </header>
  );
}

function Fact({ name, children }: { name: string; children: React.ReactNode }) {
  return (
    <div className="flex items-baseline gap-1.5">
      <dt className="text-2xs">{name}</dt>
      <dd className="text-ink">{children}</dd>
    </div>
  );
}

/** A link to the traces that share a value with this one. */
function Filtered({ projectId, column, value }: { projectId: string; column: string; value: string }) {
  return (
    <Link
      to="/project/$projectId/traces"
      params={{ projectId }}
      search={{ range: "all", filter: [{ type: "stringOptions", column, operator: "any of", value: [value] }] }}
      className="text-accent-ink hover:underline"
    >
      {value}
    </Link>
  );
}

function CopyLink() {
  const [done, setDone] = useState(false);
  const copy = async () => {
    await navigator.clipboard.writeText(location.href);
    setDone(true);
  };
  return (
    <IconButton label={done ? "Link copied" : "Copy link to what is shown"} onClick={() => void copy()}>
      <LinkIcon className="size-3.5" />
    </IconButton>
  );
}

/** The whole trace as the public API gives it, for a terminal. */
function CopyJson({ traceId }: { projectId: string; traceId: string }) {
  const [done, setDone] = useState(false);
  const address = new URL(`api/public/traces/${encodeURIComponent(traceId)}`, document.baseURI).href;
  const copy = async () => {
    await navigator.clipboard.writeText(`curl -u "$LANGFUSE_PUBLIC_KEY:$LANGFUSE_SECRET_KEY" '${address}'`);
    setDone(true);
  };
  return (
    <IconButton label={done ? "Command copied" : "Copy as curl command"} onClick={() => void copy()}>
      <Braces className="size-3.5" />
    </IconButton>
  );
}
