// A session as a conversation: what was asked and answered, turn by turn, and how long it paused in between.
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { ArrowLeft } from "lucide-react";
import { Fragment, useEffect } from "react";
import { Refusal } from "../../api/client";
import { Ago, Button, Empty, Level, Problem, Skeleton } from "../../components/basics";
import { cost, count, duration, exact, tokens } from "../../components/format";
import { Comments } from "../comments/Comments";
import { said } from "../text/said";
import { WithMedia } from "../text/Media";
import { Prose, ValueView } from "../text/ValueView";
import { groupQuery, type Turn, turnsQuery, turnTextsQuery } from "./queries";

const route = getRouteApi("/project/$projectId/sessions/$sessionId");
const PAUSE_SECONDS = 3600;

export function SessionPage() {
  const { projectId, sessionId } = route.useParams();
  const session = useQuery(groupQuery(projectId, "session", sessionId));
  const list = useInfiniteQuery({ ...turnsQuery(projectId, sessionId), enabled: session.isSuccess });
  const turns = list.data?.pages.flatMap((page) => page.rows) ?? [];
  useEffect(() => {
    document.title = `Session ${sessionId} · ElasticDash`;
  }, [sessionId]);
  if (session.isError) {
    return session.error instanceof Refusal && session.error.status === 404 ? (
      <Empty isPage title="No such session">
        {session.error.message}. Its id is <code className="font-mono">{sessionId}</code>.
      </Empty>
    ) : (
      <Problem error={session.error} onRetry={() => void session.refetch()} />
    );
  }
  const facts = session.data && [
    ["Traces", count(session.data.traces)],
    ["Lasted", duration((Date.parse(session.data.last) - Date.parse(session.data.first)) / 1000)],
    ["Tokens", tokens(session.data.totalTokens)],
    ["Cost", cost(session.data.totalCostUsd)],
    ["Users", session.data.users.join(", ") || "–"],
  ];
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <header className="flex flex-col gap-1 border-b border-line px-3 py-2">
        <div className="flex items-center gap-1.5">
          <Link to="/project/$projectId/sessions" params={{ projectId }} aria-label="Back to the sessions" title="Back to the sessions" className="inline-flex size-8 items-center justify-center rounded-md text-soft hover:bg-hover hover:text-ink">
            <ArrowLeft aria-hidden className="size-4" />
          </Link>
          <h1 className="min-w-0 truncate text-base font-semibold">Session {sessionId}</h1>
          {session.data && session.data.errors > 0 && <Level level="ERROR" count={session.data.errors} />}
        </div>
        <dl className="flex flex-wrap items-baseline gap-x-5 gap-y-1 pl-2">
          {(facts ?? []).map(([name, value]) => (
            <div key={name} className="flex items-baseline gap-1.5">
              <dt className="text-2xs text-soft">{name}</dt>
              <dd>{value}</dd>
            </div>
          ))}
          {session.data && (
            <div className="flex items-baseline gap-1.5">
              <dt className="text-2xs text-soft">Last</dt>
              <dd>
                <Ago time={session.data.last} />
              </dd>
            </div>
          )}
        </dl>
      </header>
      <div className="min-h-0 flex-1 overflow-y-auto" tabIndex={0} role="region" aria-label="Conversation">
        <WithMedia projectId={projectId}>
          <ol className="mx-auto flex max-w-4xl flex-col gap-4 p-4">
            {(session.isPending || list.isPending) && <Skeleton className="h-40" />}
            {list.isError && <Problem error={list.error} onRetry={() => void list.refetch()} />}
            {turns.map((turn, index) => (
              <Fragment key={turn.id}>
                <Pause before={turns[index - 1]} after={turn} />
                <TurnView projectId={projectId} turn={turn} number={index + 1} />
              </Fragment>
            ))}
          </ol>
        </WithMedia>
        {session.data && (
          <div className="mx-auto max-w-4xl px-4 pb-4">
            <Comments heading="h2" about={{ projectId, type: "SESSION", id: sessionId }} />
          </div>
        )}
        {list.hasNextPage && (
          <div className="flex justify-center pb-6">
            <Button disabled={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
              Show later turns
            </Button>
          </div>
        )}
      </div>
    </div>
  );
}

function Pause({ before, after }: { before: Turn | undefined; after: Turn }) {
  if (!before) return null;
  const seconds = (Date.parse(after.timestamp) - Date.parse(before.timestamp)) / 1000 - (before.latencySeconds ?? 0);
  if (seconds < PAUSE_SECONDS) return null;
  return (
    <li className="flex items-center gap-3 text-2xs text-soft before:h-px before:flex-1 before:bg-line after:h-px after:flex-1 after:bg-line">
      {duration(seconds)} later
    </li>
  );
}

function TurnView({ projectId, turn, number }: { projectId: string; turn: Turn; number: number }) {
  const texts = useQuery(turnTextsQuery(projectId, turn.id));
  return (
    <li aria-label={`Turn ${number}`} className="flex flex-col gap-2">
      <div className="flex flex-wrap items-baseline gap-x-3 text-2xs text-soft">
        <time dateTime={turn.timestamp}>{exact(new Date(turn.timestamp))}</time>
        <Link to="/project/$projectId/traces/$traceId" params={{ projectId, traceId: turn.id }} className="inline-flex min-h-7 items-center text-accent-ink hover:underline">
          {turn.name ?? "unnamed trace"}
        </Link>
        <span>{duration(turn.latencySeconds)}</span>
        <span>{count(turn.observationCount)} steps</span>
        <span>{cost(turn.totalCostUsd)}</span>
        <Level level={turn.level} count={turn.errorCount} />
      </div>
      {texts.isError && <Problem error={texts.error} />}
      {texts.isPending && <Skeleton className="h-16" />}
      {texts.data && (
        <>
          <Said who={turn.userId ?? "user"} role="user" text={texts.data.input?.text} characters={texts.data.input?.characters ?? 0} />
          <Said who="assistant" role="assistant" text={texts.data.output?.text} characters={texts.data.output?.characters ?? 0} />
        </>
      )}
    </li>
  );
}

function Said({ who, role, text, characters }: { who: string; role: "user" | "assistant"; text: string | undefined; characters: number }) {
  if (text === undefined) return <p className="text-soft italic">{role === "user" ? "no input was sent" : "no output was sent"}</p>;
  const words = said(text, role);
  return (
    <div className={role === "user" ? "rounded-lg bg-accent-wash px-3 py-2 sm:mr-16" : "rounded-lg border border-line px-3 py-2 sm:ml-16"}>
      <div className="mb-0.5 text-2xs font-semibold text-soft">{who}</div>
      {words === undefined ? (
        <ValueView title={role === "user" ? "Input" : "Output"} text={text} characters={characters} />
      ) : (
        <Prose text={words} />
      )}
    </div>
  );
}
