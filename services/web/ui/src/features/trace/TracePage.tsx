import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { ArrowLeft, Braces, Link as LinkIcon } from "lucide-react";
import { useCallback, useEffect, useState } from "react";
import { Refusal } from "../../api/client";
import { Button, CopyButton, Empty, IconButton, Problem, Skeleton, Tag } from "../../components/basics";
import { Comments } from "../comments/Comments";
import type { Comment } from "../comments/queries";
import { WithMedia } from "../text/Media";
import { Scores } from "./Annotate";
import { ObservationPane, TraceDetail } from "./Detail";
import { ErrorCount, Fact, Figures, Tags } from "./Figures";
import { type Trace, traceQuery } from "./queries";
import type { TraceSearch } from "./search";
import { Share } from "./Share";
import { TraceBody } from "./TraceBody";
import { wordsOf } from "./tree";

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
  const source = { projectId, traceId: trace.id, isShared: false };
  return (
    <TraceBody
      skeleton={skeleton}
      search={search}
      onChange={change}
      head={(goToError) => <Head projectId={projectId} data={data} onError={goToError} />}
      details={(observationId) => (
        <WithMedia projectId={projectId}>
          {observationId === undefined ? (
            <TraceDetail source={source} trace={trace}>
              <Scores target={source} scores={scores} />
              <Comments about={{ projectId, type: "TRACE", id: trace.id }} placeOf={(comment) => <Place skeleton={skeleton} comment={comment} onOpen={(observation) => change({ observation })} />} />
            </TraceDetail>
          ) : (
            <ObservationPane source={source} observationId={observationId}>
              <Scores key={observationId} target={{ ...source, observationId }} scores={scores.filter((score) => score.observationId === observationId)} />
              <Comments key={`comments on ${observationId}`} about={{ projectId, type: "OBSERVATION", id: observationId }} />
            </ObservationPane>
          )}
        </WithMedia>
      )}
    />
  );
}

/** Leads to the observation a comment is about. */
function Place({ skeleton, comment, onOpen }: { skeleton: Trace["skeleton"]; comment: Comment; onOpen: (observationId: string) => void }) {
  if (comment.objectType !== "OBSERVATION") return null;
  const at = skeleton.ids.indexOf(comment.objectId);
  if (at < 0) return null;
  return (
    <button type="button" className="min-h-6 max-w-56 truncate text-accent-ink hover:underline" onClick={() => onOpen(comment.objectId)}>
      on {wordsOf(skeleton, at).name || "an unnamed observation"}
    </button>
  );
}

function Head({ projectId, data, onError }: { projectId: string; data: Trace; onError: () => void }) {
  const { trace, skeleton } = data;
  return (
    <header className="flex flex-col gap-1 px-3 py-2">
      <div className="flex items-center gap-1.5">
        <Link to="/project/$projectId/traces" params={{ projectId }} aria-label="Back to the traces" title="Back to the traces" className="inline-flex size-8 items-center justify-center rounded-md text-soft hover:bg-hover hover:text-ink">
          <ArrowLeft aria-hidden className="size-4" />
        </Link>
        <h1 className="min-w-0 truncate text-base font-semibold">{trace.name ?? <span className="text-soft">unnamed trace</span>}</h1>
        <ErrorCount skeleton={skeleton} onClick={onError} />
        {isRunning(data) && <Tag>running</Tag>}
        <div className="flex-1" />
        <span className="hidden font-mono text-2xs text-soft xl:inline">{trace.id}</span>
        <CopyButton text={trace.id} label="Copy trace id" />
        <CopyLink />
        <Share projectId={projectId} trace={trace} />
        <CopyJson projectId={projectId} traceId={trace.id} />
      </div>
      <dl className="flex flex-wrap items-center gap-x-5 gap-y-1 pl-2 text-soft">
        <Figures time={trace.timestamp} skeleton={skeleton} />
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
        <Tags tags={trace.tags} />
      </dl>
    </header>
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
