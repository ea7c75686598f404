// A list of experiments, some of which can be chosen to stand side by side.
import { useInfiniteQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { Ago, Button, Empty, Problem, Skeleton } from "../../components/basics";
import { DataTable, type DataColumn } from "../../components/DataTable";
import { count } from "../../components/format";
import { scoreText } from "./figures";
import { type Experiment, experimentsQuery, type GivenScore } from "./queries";
import { comparedSearch, MAX_COMPARED } from "./search";

/** Experiments over one dataset, or all of the project. */
export function Experiments({ projectId, datasetId }: { projectId: string; datasetId?: string }) {
  const navigate = useNavigate();
  const list = useInfiniteQuery(experimentsQuery(projectId, datasetId));
  const rows = list.data?.pages.flatMap((page) => page.experiments) ?? [];
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const toggle = (id: string) => setChosen(chosen.includes(id) ? chosen.filter((each) => each !== id) : [...chosen, id]);
  const columns: DataColumn<Experiment>[] = [
    {
      name: "Experiment",
      cell: ({ id, name }) => (
        <span className="flex items-center gap-2.5">
          <input type="checkbox" aria-label={`Select ${name}`} checked={chosen.includes(id)} disabled={!chosen.includes(id) && chosen.length >= MAX_COMPARED} onChange={() => toggle(id)} className="size-6 shrink-0 accent-(--accent) sm:size-4" />
          <Link to="/project/$projectId/experiments/results" params={{ projectId }} search={{ baseline: id }} className="font-medium text-accent-ink hover:underline">
            {name}
          </Link>
        </span>
      ),
    },
    ...(datasetId === undefined ? [OF_DATASET(projectId)] : []),
    { name: "Description", cell: ({ description }) => <span className="line-clamp-2 max-w-80 text-soft">{description}</span>, isExtra: true },
    { name: "Items", isNumber: true, cell: ({ items }) => count(items) },
    { name: "Scores", cell: ({ scores }) => <Scores scores={scores} />, isExtra: true },
    { name: "Last active", cell: ({ endTime }) => <Ago time={endTime} /> },
  ];
  return (
    <>
      {list.isError && <Problem error={list.error} onRetry={() => void list.refetch()} />}
      {list.isPending && <Skeleton className="h-48" />}
      {list.isSuccess && rows.length === 0 && (
        <Empty title="No experiments here">
          An experiment runs an application over items and scores what it answers. Applications start one with <code className="font-mono">run_experiment</code>.
        </Empty>
      )}
      {rows.length > 0 && (
        <>
          <div role="toolbar" aria-label="Selected experiments" className="flex min-h-8 flex-wrap items-center gap-2">
            <Button disabled={chosen.length < 2} onClick={() => void navigate({ to: "/project/$projectId/experiments/results", params: { projectId }, search: comparedSearch(chosen) })}>
              Compare
            </Button>
            <span className="text-soft">{chosen.length === 0 ? `Select up to ${MAX_COMPARED} to see them side by side.` : `${chosen.length} selected`}</span>
          </div>
          <DataTable label="Experiments" columns={columns} rows={rows} keyOf={({ id }) => id} />
        </>
      )}
      {list.hasNextPage && (
        <Button className="self-center" disabled={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
          Show more
        </Button>
      )}
    </>
  );
}

const OF_DATASET = (projectId: string): DataColumn<Experiment> => ({
  name: "Dataset",
  cell: ({ datasetId, datasetName }) =>
    datasetId && datasetName !== null ? (
      <Link to="/project/$projectId/datasets/$datasetId" params={{ projectId, datasetId }} className="text-accent-ink hover:underline">
        {datasetName}
      </Link>
    ) : (
      <span className="text-soft">items of its own</span>
    ),
});

function Scores({ scores }: { scores: GivenScore[] }) {
  return (
    <span className="flex flex-wrap gap-x-3">
      {scores.map((score, index) => (
        <span key={index} className="whitespace-nowrap">
          <span className="text-soft">{score.name}</span> {scoreText(score)}
        </span>
      ))}
    </span>
  );
}
