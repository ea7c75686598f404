import { useInfiniteQuery, useQuery, useQueryClient } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { Columns3, Download, Radio, Trash2 } from "lucide-react";
import { useCallback, useEffect, useMemo, useState } from "react";
import { useRoleReaches } from "../../app/session";
import { Button, Empty, IconButton, Problem, Skeleton } from "../../components/basics";
import { cost, count, duration, percent, shortCount } from "../../components/format";
import { Dialog, Menu, MenuCheck, MenuItem, MenuLabel } from "../../components/menu";
import { bounds } from "../../components/range";
import { RangeMenu, rangeName } from "../../components/RangeMenu";
import { Onboarding } from "../onboarding/Onboarding";
import { COLUMNS, DEFAULT_COLUMNS, shownColumns } from "./columns";
import { Facets } from "./Facets";
import { FilterBar } from "./FilterBar";
import { filled, Histogram } from "./Histogram";
import { deleteTraces, exportAddress, newestQuery, overviewQuery, tracesQuery } from "./queries";
import type { Sort, TracesSearch } from "./search";
import { TraceTable } from "./TraceTable";
import { Views } from "./Views";

const route = getRouteApi("/project/$projectId/traces");
const LIVE_MS = 3000;
const BINS = 96;
const STEPS_SECONDS = [1, 5, 10, 30, 60, 300, 900, 1800, 3600, 10_800, 21_600, 43_200, 86_400, 604_800];

export function TracesPage() {
  const { projectId } = route.useParams();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const change = useCallback(
    (part: Partial<TracesSearch>) => void navigate({ search: (before) => ({ ...before, ...part }), replace: false }),
    [navigate],
  );
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const isLive = search.live ?? true;
  const list = useInfiniteQuery(tracesQuery(projectId, search));
  const rows = useMemo(() => list.data?.pages.flatMap((page) => page.rows) ?? [], [list.data]);
  const isNarrowed = Boolean(search.q || search.filter?.length);
  const everything = useQuery({ ...newestQuery(projectId, { range: "all" }), enabled: list.isSuccess && rows.length === 0 });
  const isEmptyProject = everything.data?.rows.length === 0 && !isNarrowed && rows.length === 0;
  useEffect(() => {
    document.title = "Traces · ElasticDash";
  }, []);

  if (isEmptyProject) return <Onboarding projectId={projectId} onFirstTrace={() => void list.refetch()} />;
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <Toolbar projectId={projectId} search={search} onChange={change} onOpen={(view) => void navigate({ search: view })} isLive={isLive} />
      <Overview projectId={projectId} search={search} isLive={isLive} onZoom={(from, to) => change({ from: new Date(from).toISOString(), to: new Date(to).toISOString(), range: undefined })} />
      <div className="flex min-h-0 flex-1 border-t border-line">
        <Facets projectId={projectId} search={search} onFilter={(filter) => change({ filter: filter.length ? filter : undefined })} />
        <section aria-label="Trace list" className="flex min-w-0 flex-1 flex-col">
          <NewTraces projectId={projectId} search={search} isLive={isLive} known={rows} onShow={() => void list.refetch()} />
          {list.isError && <Problem error={list.error} onRetry={() => void list.refetch()} />}
          {list.isPending && <LoadingRows />}
          {list.isSuccess && rows.length === 0 && !everything.isPending && (
            <Empty
              title="No traces here"
              action={
                <Button onClick={() => change({ q: undefined, filter: undefined, range: "all", from: undefined, to: undefined })}>
                  Show all traces of all time
                </Button>
              }
            >
              {isNarrowed ? "No trace of this time range meets the search and every filter." : `Nothing was traced in this time range (${rangeName(search)}).`}
            </Empty>
          )}
          {rows.length > 0 && (
            <TraceTable
              projectId={projectId}
              rows={rows}
              columns={shownColumns(search.cols)}
              sort={search.sort ?? "timestamp"}
              order={search.order ?? "desc"}
              onSort={(sort: Sort) => change({ sort, order: search.sort === sort && (search.order ?? "desc") === "desc" ? "asc" : "desc" })}
              selected={selected}
              onSelect={setSelected}
              onEnd={() => !list.isFetchingNextPage && void list.fetchNextPage()}
              hasMore={list.hasNextPage}
              isStale={list.isPlaceholderData}
            />
          )}
          {selected.size > 0 && <Selection projectId={projectId} ids={[...selected]} onDone={() => setSelected(new Set())} />}
        </section>
      </div>
    </div>
  );
}

function Toolbar({
  projectId,
  search,
  onChange,
  onOpen,
  isLive,
}: {
  projectId: string;
  search: TracesSearch;
  onChange: (part: Partial<TracesSearch>) => void;
  onOpen: (view: TracesSearch) => void;
  isLive: boolean;
}) {
  const columns = search.cols ?? DEFAULT_COLUMNS;
  return (
    <div className="flex flex-wrap items-center gap-1.5 px-3 py-2">
      <h1 className="mr-2 text-base font-semibold">Traces</h1>
      <FilterBar
        query={search.q ?? ""}
        filter={search.filter ?? []}
        onQuery={(q) => onChange({ q: q || undefined })}
        onFilter={(filter) => onChange({ filter: filter.length ? filter : undefined })}
      />
      <RangeMenu search={search} onChange={(range) => onChange({ range, from: undefined, to: undefined })} />
      <Button aria-pressed={isLive} onClick={() => onChange({ live: isLive ? false : undefined })} title="Look for new traces every few seconds">
        <Radio aria-hidden className={isLive ? "size-3.5 text-ok" : "size-3.5 text-soft"} />
        {isLive ? "Live" : "Paused"}
      </Button>
      <Views projectId={projectId} search={search} onOpen={onOpen} />
      <Menu
        align="end"
        trigger={
          <IconButton label="Export" className="border border-line">
            <Download className="size-4" />
          </IconButton>
        }
      >
        <MenuLabel>The newest 10,000 of these</MenuLabel>
        <MenuItem onSelect={() => location.assign(exportAddress(projectId, search, "csv"))}>CSV, for spreadsheets</MenuItem>
        <MenuItem onSelect={() => location.assign(exportAddress(projectId, search, "jsonl"))}>JSON lines, for programs</MenuItem>
      </Menu>
      <Menu
        align="end"
        trigger={
          <IconButton label="Columns" className="border border-line">
            <Columns3 className="size-4" />
          </IconButton>
        }
      >
        {COLUMNS.map(({ id, name }) => (
          <MenuCheck
            key={id}
            checked={columns.includes(id)}
            onChange={(isOn) => onChange({ cols: isOn ? [...columns, id] : columns.filter((other) => other !== id) })}
          >
            {name}
          </MenuCheck>
        ))}
      </Menu>
    </div>
  );
}

function Overview({
  projectId,
  search,
  isLive,
  onZoom,
}: {
  projectId: string;
  search: TracesSearch;
  isLive: boolean;
  onZoom: (fromMs: number, toMs: number) => void;
}) {
  const asked = bounds(search, Date.now());
  const to = asked.toTimestamp ? Date.parse(asked.toTimestamp) : Date.now();
  const from = asked.fromTimestamp ? Date.parse(asked.fromTimestamp) : to - 90 * 86_400_000;
  const step = STEPS_SECONDS.find((seconds) => (to - from) / 1000 / seconds <= BINS) ?? 2_592_000;
  const { data } = useQuery({ ...overviewQuery(projectId, search, step), refetchInterval: isLive ? LIVE_MS * 3 : false });
  const first = asked.fromTimestamp || !data?.buckets[0] ? from : Date.parse(data.buckets[0].start);
  const figures = data && [
    ["Traces", count(data.traces)],
    ["With errors", data.traces === 0 ? "–" : percent(data.errors / data.traces)],
    ["p50", duration(data.p50Seconds)],
    ["p95", duration(data.p95Seconds)],
    ["Tokens", shortCount(data.totalTokens)],
    ["Cost", cost(data.totalCostUsd)],
  ];
  return (
    <div className="flex items-end gap-6 px-3 pb-2 max-md:flex-col max-md:items-stretch max-md:gap-2">
      <div className="min-w-0 flex-1">
        {data ? <Histogram bins={filled(data.buckets, first, to, step * 1000)} stepMs={step * 1000} onZoom={onZoom} /> : <Skeleton className="h-10" />}
      </div>
      <dl className="flex flex-wrap gap-x-5 gap-y-1">
        {(figures ?? [["Traces", ""], ["With errors", ""], ["p50", ""], ["p95", ""]]).map(([name, value]) => (
          <div key={name} className="min-w-12">
            <dt className="text-2xs text-soft">{name}</dt>
            <dd className="font-medium">{value === "" ? <Skeleton className="mt-1 h-4 w-10" /> : value}</dd>
          </div>
        ))}
      </dl>
    </div>
  );
}

/** What came since the list was read waits behind a line: rows never move under the pointer. */
function NewTraces({
  projectId,
  search,
  isLive,
  known,
  onShow,
}: {
  projectId: string;
  search: TracesSearch;
  isLive: boolean;
  known: { id: string; timestamp: string }[];
  onShow: () => void;
}) {
  const { data } = useQuery({ ...newestQuery(projectId, search), enabled: isLive, refetchInterval: isLive ? LIVE_MS : false });
  const ids = useMemo(() => new Set(known.map(({ id }) => id)), [known]);
  const newest = known.reduce((latest, { timestamp }) => (timestamp > latest ? timestamp : latest), "");
  const waiting = data?.rows.filter(({ id, timestamp }) => !ids.has(id) && timestamp >= newest).length ?? 0;
  useEffect(() => {
    const show = (event: KeyboardEvent) => {
      const isTyping = (event.target as HTMLElement).closest("input,textarea,select");
      if (event.key.toLowerCase() === "n" && waiting > 0 && !isTyping && !event.ctrlKey && !event.metaKey) onShow();
    };
    addEventListener("keydown", show);
    return () => removeEventListener("keydown", show);
  }, [waiting, onShow]);
  useEffect(() => {
    if (waiting > 0 && known.length === 0) onShow();
  }, [waiting, known.length, onShow]);
  return (
    <div aria-live="polite">
      {waiting > 0 && known.length > 0 && (
        <button type="button" onClick={onShow} className="h-7 w-full bg-accent-wash text-center text-accent-ink hover:underline">
          {waiting >= 100 ? "100 or more" : waiting} new {waiting === 1 ? "trace" : "traces"}: show (N)
        </button>
      )}
    </div>
  );
}

function LoadingRows() {
  return (
    <div aria-busy="true" className="flex flex-col gap-2 p-3">
      {Array.from({ length: 12 }, (_, index) => (
        <Skeleton key={index} className="h-6" />
      ))}
    </div>
  );
}

function Selection({ projectId, ids, onDone }: { projectId: string; ids: string[]; onDone: () => void }) {
  const client = useQueryClient();
  const mayDelete = useRoleReaches(projectId, "ADMIN");
  const [isAsking, setAsking] = useState(false);
  const [problem, setProblem] = useState<Error>();
  const remove = async () => {
    try {
      await deleteTraces(projectId, ids);
      setAsking(false);
      onDone();
      await client.invalidateQueries({ predicate: ({ queryKey }) => String(queryKey[0]).startsWith("traces") });
    } catch (error) {
      setProblem(error as Error);
    }
  };
  return (
    <div role="toolbar" aria-label="Selected traces" className="flex items-center gap-2 border-t border-line bg-sunken px-3 py-1.5">
      <span>{ids.length} selected</span>
      {mayDelete && (
        <Button look="danger" onClick={() => setAsking(true)}>
          <Trash2 aria-hidden className="size-3.5" /> Delete…
        </Button>
      )}
      <Button onClick={() => location.assign(exportAddress(projectId, {}, "csv", ids))}>CSV</Button>
      <Button onClick={() => location.assign(exportAddress(projectId, {}, "jsonl", ids))}>JSON lines</Button>
      <Button look="quiet" onClick={onDone}>
        Clear selection
      </Button>
      <Dialog
        open={isAsking}
        onClose={() => setAsking(false)}
        title={`Delete ${ids.length} ${ids.length === 1 ? "trace" : "traces"}?`}
        description="Their observations and scores go with them. This can’t be undone."
      >
        {problem && <Problem error={problem} />}
        <div className="flex justify-end gap-2">
          <Button onClick={() => setAsking(false)}>Keep</Button>
          <Button look="danger" onClick={() => void remove()}>
            Delete
          </Button>
        </div>
      </Dialog>
    </div>
  );
}
