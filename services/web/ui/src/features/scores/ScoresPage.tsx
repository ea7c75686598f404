// Scores: what all of a name say together, and each one with what it judges.
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { clsx } from "clsx";
import { Ago, Button, Empty, FIELD, Problem, Skeleton, Tag } from "../../components/basics";
import { DataTable, type DataColumn } from "../../components/DataTable";
import { count } from "../../components/format";
import { Page } from "../../components/Page";
import { RangeMenu } from "../../components/RangeMenu";
import { type Score, scoresQuery, type Summary, summaryQuery } from "./queries";
import type { ScoresSearch } from "./search";

const route = getRouteApi("/project/$projectId/scores");
const SOURCES = ["API", "ANNOTATION", "EVAL"];

export function ScoresPage() {
  const { projectId } = route.useParams();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const change = (part: Partial<ScoresSearch>) => void navigate({ search: (before) => ({ ...before, ...part }) });
  const list = useInfiniteQuery(scoresQuery(projectId, search));
  const summary = useQuery(summaryQuery(projectId, search));
  const scores = list.data?.pages.flatMap((page) => page.scores) ?? [];
  return (
    <Page
      title="Scores"
      action={
        <>
          <select aria-label="Source" className={clsx(FIELD, "!w-auto")} value={search.source ?? ""} onChange={(event) => change({ source: event.target.value || undefined })}>
            <option value="">Any source</option>
            {SOURCES.map((source) => (
              <option key={source} value={source}>
                {source.toLowerCase()}
              </option>
            ))}
          </select>
          <RangeMenu search={search} onChange={(range) => change({ range, from: undefined, to: undefined })} />
        </>
      }
    >
      {summary.data && summary.data.summaries.length > 0 && (
        <ul aria-label="Names" className="grid grid-cols-[repeat(auto-fill,minmax(13rem,1fr))] gap-2">
          {summary.data.summaries.map((each) => (
            <li key={`${each.name} ${each.dataType}`}>
              <SummaryCard summary={each} isChosen={search.name === each.name} onChoose={() => change({ name: search.name === each.name ? undefined : each.name })} />
            </li>
          ))}
        </ul>
      )}
      {list.isError && <Problem error={list.error} onRetry={() => void list.refetch()} />}
      {list.isPending && <Skeleton className="h-48" />}
      {list.isSuccess && scores.length === 0 && (
        <Empty title="No scores here" action={<Button onClick={() => change({ range: "all", from: undefined, to: undefined, name: undefined, source: undefined })}>Show all of all time</Button>}>
          Scores come from SDKs and the API, or from people: open a trace and add one.
        </Empty>
      )}
      {scores.length > 0 && <DataTable label="Scores" columns={columnsOf(projectId)} rows={scores} keyOf={({ id }) => id} />}
      {list.hasNextPage && (
        <Button className="self-center" disabled={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
          Show more
        </Button>
      )}
    </Page>
  );
}

function SummaryCard({ summary, isChosen, onChoose }: { summary: Summary; isChosen: boolean; onChoose: () => void }) {
  const { name, dataType, scores, average, least, most, texts } = summary;
  return (
    <button
      type="button"
      aria-pressed={isChosen}
      onClick={onChoose}
      className={clsx("flex h-full w-full flex-col gap-0.5 rounded-lg border px-3 py-2 text-left hover:bg-hover", isChosen ? "border-accent bg-accent-wash" : "border-line")}
    >
      <span className="flex w-full items-baseline gap-2">
        <span className="min-w-0 flex-1 truncate font-medium">{name}</span>
        <span className="text-2xs text-soft">{count(scores)}</span>
      </span>
      {dataType === "NUMERIC" && average !== null ? (
        <>
          <span className="text-base font-semibold">{short(average)}</span>
          <span className="text-2xs text-soft">
            average, {short(least)} to {short(most)}
          </span>
        </>
      ) : (
        <span className="text-2xs text-soft">{texts.length > 0 ? texts.map(({ text, scores: many }) => `${text} ${count(many)}`).join(" · ") : dataType.toLowerCase()}</span>
      )}
    </button>
  );
}

function short(value: number | null): string {
  return value === null ? "–" : String(Number(value.toPrecision(3)));
}

function columnsOf(projectId: string): DataColumn<Score>[] {
  return [
    { name: "Time", cell: (score) => <Ago time={score.timestamp} /> },
    { name: "Name", cell: (score) => <span className="font-medium">{score.name}</span> },
    { name: "Value", cell: (score) => score.text ?? (score.value === null ? "–" : short(score.value)) },
    { name: "Source", cell: (score) => <Tag>{score.source.toLowerCase()}</Tag> },
    { name: "Author", cell: (score) => score.author ?? <span className="text-soft">–</span>, isExtra: true },
    { name: "Comment", cell: (score) => <span className="line-clamp-2 text-soft">{score.comment ?? "–"}</span>, isExtra: true },
    { name: "Judges", cell: (score) => <Judged projectId={projectId} score={score} /> },
  ];
}

function Judged({ projectId, score }: { projectId: string; score: Score }) {
  const look = "inline-flex min-h-7 items-center text-accent-ink hover:underline";
  if (score.traceId) {
    return (
      <Link to="/project/$projectId/traces/$traceId" params={{ projectId, traceId: score.traceId }} search={score.observationId ? { observation: score.observationId } : {}} className={look}>
        {score.observationId ? "observation" : "trace"}
      </Link>
    );
  }
  if (score.sessionId) {
    return (
      <Link to="/project/$projectId/sessions/$sessionId" params={{ projectId, sessionId: score.sessionId }} className={look}>
        session
      </Link>
    );
  }
  return <span className="text-soft">dataset run</span>;
}
