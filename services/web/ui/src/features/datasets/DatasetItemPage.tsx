// The items of a dataset, or one of them, and what runs made of it.
import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { Refusal } from "../../api/client";
import { Ago, CopyButton, Empty, Problem, Skeleton, Tag } from "../../components/basics";
import { DataTable, type DataColumn } from "../../components/DataTable";
import { Page } from "../../components/Page";
import { WithMedia } from "../text/Media";
import { ValueView } from "../text/ValueView";
import { Back } from "./Back";
import { DatasetItemsPage } from "./DatasetPage";
import { type Item, itemQuery } from "./queries";

const route = getRouteApi("/project/$projectId/datasets/$datasetId/items/$");

export function DatasetItemsOrOne() {
  const { projectId, datasetId, _splat: itemId } = route.useParams();
  if (!itemId) return <DatasetItemsPage projectId={projectId} datasetId={datasetId} />;
  return <DatasetItemPage projectId={projectId} datasetId={datasetId} itemId={itemId} />;
}

function DatasetItemPage({ projectId, datasetId, itemId }: { projectId: string; datasetId: string; itemId: string }) {
  const { data, error } = useQuery(itemQuery(projectId, itemId));
  return (
    <Page title={data ? `Item of ${data.datasetName}` : "Item"} action={<Back to="/project/$projectId/datasets/$datasetId/items/$" params={{ projectId, datasetId: data?.datasetId ?? datasetId, _splat: "" }} name="All items" />}>
      {error &&
        (error instanceof Refusal && error.status === 404 ? (
          <Empty title="No such item">
            It may have been deleted. Its id is <code className="font-mono">{itemId}</code>.
          </Empty>
        ) : (
          <Problem error={error} />
        ))}
      {!data && !error && <Skeleton className="h-64" />}
      {data && (
        <WithMedia projectId={projectId}>
          <Loaded projectId={projectId} item={data} />
        </WithMedia>
      )}
    </Page>
  );
}

function Loaded({ projectId, item }: { projectId: string; item: Item }) {
  return (
    <>
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1 text-soft">
        <span className="inline-flex items-center">
          <h2 className="font-mono text-2xs break-all">{item.id}</h2>
          <CopyButton text={item.id} label="Copy id" />
        </span>
        {item.status === "ARCHIVED" && <Tag>archived</Tag>}
        <span>
          Updated <Ago time={item.updatedAt} />
        </span>
        {item.sourceTraceId && (
          <Link to="/project/$projectId/traces/$traceId" params={{ projectId, traceId: item.sourceTraceId }} search={item.sourceObservationId ? { observation: item.sourceObservationId } : {}} className="text-accent-ink hover:underline">
            The trace it was made from
          </Link>
        )}
      </div>
      <Value title="Input" text={item.input} />
      <Value title="Expected output" text={item.expectedOutput} />
      {item.metadata !== null && <Value title="Metadata" text={item.metadata} />}
      <Runs projectId={projectId} runs={item.runs} />
    </>
  );
}

function Value({ title, text }: { title: string; text: string | null }) {
  return <ValueView title={title} text={text ?? undefined} characters={text?.length ?? 0} />;
}

type Made = Item["runs"][number];

function Runs({ projectId, runs }: { projectId: string; runs: Made[] }) {
  const columns: DataColumn<Made>[] = [
    {
      name: "Run",
      cell: ({ runId, runName }) => (
        <Link to="/project/$projectId/experiments/results" params={{ projectId }} search={{ baseline: runId }} className="font-medium text-accent-ink hover:underline">
          {runName}
        </Link>
      ),
    },
    {
      name: "Trace",
      cell: ({ traceId, observationId }) => (
        <Link to="/project/$projectId/traces/$traceId" params={{ projectId, traceId }} search={observationId ? { observation: observationId } : {}} className="font-mono text-[0.92em] text-accent-ink hover:underline">
          {traceId}
        </Link>
      ),
    },
    { name: "Time", cell: ({ startTime }) => <Ago time={startTime} /> },
  ];
  return (
    <section aria-label="Runs" className="flex flex-col gap-1.5">
      <h2 className="font-semibold">What runs made of it</h2>
      {runs.length === 0 ? (
        <p className="text-soft">No run has worked on this item.</p>
      ) : (
        <DataTable label="Runs" columns={columns} rows={runs} keyOf={({ runId, traceId, observationId }) => JSON.stringify([runId, traceId, observationId])} />
      )}
    </section>
  );
}
