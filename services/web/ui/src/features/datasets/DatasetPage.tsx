// One dataset: the runs over it, or its items.
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { clsx } from "clsx";
import type { ReactNode } from "react";
import { Refusal } from "../../api/client";
import { Ago, Button, Empty, Problem, Skeleton } from "../../components/basics";
import { DataTable, type DataColumn } from "../../components/DataTable";
import { count } from "../../components/format";
import { Page } from "../../components/Page";
import { JsonTree } from "../text/JsonTree";
import { Back } from "./Back";
import { Experiments } from "./Experiments";
import { type DatasetDetail, datasetQuery, type ItemRow, itemsQuery } from "./queries";

const route = getRouteApi("/project/$projectId/datasets/$datasetId");
export function DatasetRunsPage() {
  const { projectId, datasetId } = route.useParams();
  return (
    <Framed projectId={projectId} datasetId={datasetId} part="runs">
      <Experiments projectId={projectId} datasetId={datasetId} />
    </Framed>
  );
}

export function DatasetItemsPage({ projectId, datasetId }: { projectId: string; datasetId: string }) {
  return (
    <Framed projectId={projectId} datasetId={datasetId} part="items">
      <Items projectId={projectId} datasetId={datasetId} />
    </Framed>
  );
}

function Framed({ projectId, datasetId, part, children }: { projectId: string; datasetId: string; part: "runs" | "items"; children: ReactNode }) {
  const { data, error } = useQuery(datasetQuery(projectId, datasetId));
  const look = (isHere: boolean) => clsx("-mb-px inline-flex h-9 items-center border-b-2 px-2.5", isHere ? "border-accent font-medium" : "border-transparent text-soft hover:text-ink");
  return (
    <Page title={data?.name ?? "Dataset"} action={<Back to="/project/$projectId/datasets" params={{ projectId }} name="All datasets" />}>
      {error &&
        (error instanceof Refusal && error.status === 404 ? (
          <Empty title="No such dataset">
            {error.message}. Its id is <code className="font-mono">{datasetId}</code>.
          </Empty>
        ) : (
          <Problem error={error} />
        ))}
      {!data && !error && <Skeleton className="h-64" />}
      {data && (
        <>
          {data.description && <p className="max-w-prose">{data.description}</p>}
          <About dataset={data} />
          <nav aria-label="Parts of the dataset" className="flex gap-1 border-b border-line">
            <Link to="/project/$projectId/datasets/$datasetId" params={{ projectId, datasetId }} aria-current={part === "runs" ? "page" : undefined} className={look(part === "runs")}>
              Runs ({count(data.runs)})
            </Link>
            <Link to="/project/$projectId/datasets/$datasetId/items/$" params={{ projectId, datasetId, _splat: "" }} aria-current={part === "items" ? "page" : undefined} className={look(part === "items")}>
              Items ({count(data.items)})
            </Link>
          </nav>
          {children}
        </>
      )}
    </Page>
  );
}

/** What there is besides items, folded away: it is rarely what one came for. */
function About({ dataset: { metadata, inputSchema, expectedOutputSchema } }: { dataset: DatasetDetail }) {
  const parts = [
    ["Metadata", metadata],
    ["Schema of inputs", inputSchema],
    ["Schema of expected outputs", expectedOutputSchema],
  ] as const;
  const said = parts.filter(([, value]) => value !== null && value !== undefined);
  return (
    <>
      {said.map(([name, value]) => (
        <details key={name} className="rounded-md border border-line">
          <summary className="min-h-8 cursor-pointer px-2.5 py-1.5">{name}</summary>
          <div className="overflow-x-auto border-t border-line p-2.5">
            <JsonTree value={value} depth={1} />
          </div>
        </details>
      ))}
    </>
  );
}

function Items({ projectId, datasetId }: { projectId: string; datasetId: string }) {
  const list = useInfiniteQuery(itemsQuery(projectId, datasetId));
  const rows = list.data?.pages.flatMap((page) => page.items) ?? [];
  const columns: DataColumn<ItemRow>[] = [
    {
      name: "Item",
      cell: ({ id }) => (
        <Link to="/project/$projectId/datasets/$datasetId/items/$" params={{ projectId, datasetId, _splat: id }} className="font-mono text-[0.92em] break-all text-accent-ink hover:underline">
          {id}
        </Link>
      ),
    },
    { name: "Input", cell: ({ input }) => <Start text={input} /> },
    { name: "Expected output", cell: ({ expectedOutput }) => <Start text={expectedOutput} /> },
    {
      name: "Made from",
      isExtra: true,
      cell: ({ sourceTraceId, sourceObservationId }) =>
        sourceTraceId && (
          <Link to="/project/$projectId/traces/$traceId" params={{ projectId, traceId: sourceTraceId }} search={sourceObservationId ? { observation: sourceObservationId } : {}} className="text-accent-ink hover:underline">
            trace
          </Link>
        ),
    },
    { name: "Updated", cell: ({ updatedAt }) => <Ago time={updatedAt} /> },
  ];
  return (
    <>
      {list.isError && <Problem error={list.error} onRetry={() => void list.refetch()} />}
      {list.isPending && <Skeleton className="h-48" />}
      {list.isSuccess && rows.length === 0 && (
        <Empty title="No items here">
          Applications add them with <code className="font-mono">langfuse.create_dataset_item</code>.
        </Empty>
      )}
      {rows.length > 0 && <DataTable label="Items" columns={columns} rows={rows} keyOf={({ id }) => id} />}
      {list.hasNextPage && (
        <Button className="self-center" disabled={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
          Show more
        </Button>
      )}
    </>
  );
}

function Start({ text }: { text: string | null }) {
  if (text === null) return <span className="text-soft italic">none</span>;
  return <span className="line-clamp-2 max-w-96 min-w-40 break-words">{text}</span>;
}
