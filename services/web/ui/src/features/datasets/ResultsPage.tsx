// Experiments side by side: what each says as a whole, then item by item what each made of it.
import { useInfiniteQuery, useQueries } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { useMemo } from "react";
import { Refusal } from "../../api/client";
import { Ago, Button, Empty, FIELD, Problem, Skeleton } from "../../components/basics";
import { Page } from "../../components/Page";
import { JsonTree } from "../text/JsonTree";
import { Back } from "./Back";
import { FiguresTable } from "./FiguresTable";
import { experimentsQuery, resultsQuery, type Summary, summaryQuery } from "./queries";
import { ResultsTable } from "./ResultsTable";
import { comparedSearch, MAX_COMPARED } from "./search";

const route = getRouteApi("/project/$projectId/experiments/results");

export function ResultsPage() {
  const { projectId } = route.useParams();
  const { baseline, c = [] } = route.useSearch();
  const runIds = baseline === undefined ? [] : [baseline, ...c];
  const answers = useQueries({ queries: runIds.map((id) => summaryQuery(projectId, id)) });
  const runs = answers.flatMap(({ data }) => (data ? [data] : []));
  const missing = answers.find(({ error }) => error instanceof Refusal && error.status === 404);
  const problem = answers.find(({ error }) => error)?.error;
  const isWhole = runs.length === runIds.length && runs.length > 0;
  return (
    <Page title={title(runs)} action={<BackToRuns projectId={projectId} first={runs[0]} />}>
      {runIds.length === 0 && <Empty title="No experiment is named">Choose one from the list of experiments.</Empty>}
      {missing && <Empty title="No such experiment">{missing.error?.message}. It was named by the address of this page.</Empty>}
      {problem && !missing && <Problem error={problem} />}
      {runIds.length > 0 && !isWhole && !problem && <Skeleton className="h-64" />}
      {isWhole && !problem && <Compared projectId={projectId} runs={runs} />}
    </Page>
  );
}

function title(runs: Summary[]): string {
  const [first, ...others] = runs;
  if (!first) return "Experiment";
  return others.length === 0 ? first.name : `${first.name} and ${others.length === 1 ? others[0]?.name : `${others.length} others`}`;
}

function BackToRuns({ projectId, first }: { projectId: string; first: Summary | undefined }) {
  return first?.datasetId && first.datasetName !== null ? (
    <Back to="/project/$projectId/datasets/$datasetId" params={{ projectId, datasetId: first.datasetId }} name="All runs" />
  ) : (
    <Back to="/project/$projectId/experiments" params={{ projectId }} name="All experiments" />
  );
}

function Compared({ projectId, runs }: { projectId: string; runs: Summary[] }) {
  const runIds = useMemo(() => runs.map(({ id }) => id), [runs]);
  const list = useInfiniteQuery(resultsQuery(projectId, runIds));
  const items = list.data?.pages.flatMap((page) => page.items) ?? [];
  const only = runs.length === 1 ? runs[0] : undefined;
  return (
    <>
      {only && <About projectId={projectId} run={only} />}
      <Another projectId={projectId} runs={runs} />
      <FiguresTable projectId={projectId} runs={runs} />
      <section aria-label="Items" className="flex flex-col gap-1.5">
        <h2 className="font-semibold">Item by item</h2>
        {list.isError && <Problem error={list.error} onRetry={() => void list.refetch()} />}
        {list.isPending && <Skeleton className="h-48" />}
        {list.isSuccess && items.length === 0 && <p className="text-soft">No item is left of it: they were deleted.</p>}
        {items.length > 0 && <ResultsTable projectId={projectId} runs={runs} items={items} />}
        {list.hasNextPage && (
          <Button className="self-center" disabled={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
            Show more
          </Button>
        )}
      </section>
    </>
  );
}

/** What its sender said of one experiment. */
function About({ projectId, run }: { projectId: string; run: Summary }) {
  const hasMetadata = typeof run.metadata === "object" && run.metadata !== null && Object.keys(run.metadata).length > 0;
  return (
    <>
      {run.description && <p className="max-w-prose">{run.description}</p>}
      <p className="text-soft">
        {run.datasetId && run.datasetName !== null && (
          <>
            Over{" "}
            <Link to="/project/$projectId/datasets/$datasetId" params={{ projectId, datasetId: run.datasetId }} className="text-accent-ink underline">
              {run.datasetName}
            </Link>
            {run.startTime && ", "}
          </>
        )}
        {run.startTime && (
          <>
            {run.datasetName === null ? "Started " : "started "}
            <Ago time={run.startTime} />
          </>
        )}
      </p>
      {hasMetadata && (
        <section aria-label="Metadata" className="flex flex-col gap-1.5">
          <h2 className="font-semibold">Metadata</h2>
          <div className="overflow-x-auto rounded-md border border-line p-2.5">
            <JsonTree value={run.metadata} depth={1} />
          </div>
        </section>
      )}
    </>
  );
}

/** Puts another experiment beside these: of the same dataset, where they are over one. */
function Another({ projectId, runs }: { projectId: string; runs: Summary[] }) {
  const navigate = route.useNavigate();
  const { data } = useInfiniteQuery(experimentsQuery(projectId, runs[0]?.datasetId ?? undefined));
  const ids = runs.map(({ id }) => id);
  const others = data?.pages.flatMap((page) => page.experiments).filter(({ id }) => !ids.includes(id)) ?? [];
  if (others.length === 0 || runs.length >= MAX_COMPARED) return null;
  return (
    <label className="flex flex-wrap items-center gap-2 whitespace-nowrap">
      Compare with
      <select className={`${FIELD} sm:max-w-72`} value="" onChange={(event) => void navigate({ search: comparedSearch([...ids, event.target.value]) })}>
        <option value="">another experiment</option>
        {others.map(({ id, name }) => (
          <option key={id} value={id}>
            {name}
          </option>
        ))}
      </select>
    </label>
  );
}
