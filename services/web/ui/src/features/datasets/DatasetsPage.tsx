// The datasets of a project.
import { useInfiniteQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { Ago, Button, Empty, Problem, Skeleton } from "../../components/basics";
import { DataTable, type DataColumn } from "../../components/DataTable";
import { count } from "../../components/format";
import { Page } from "../../components/Page";
import { type Dataset, datasetsQuery } from "./queries";

const route = getRouteApi("/project/$projectId/datasets");

export function DatasetsPage() {
  const { projectId } = route.useParams();
  const list = useInfiniteQuery(datasetsQuery(projectId));
  const datasets = list.data?.pages.flatMap((page) => page.datasets) ?? [];
  const columns: DataColumn<Dataset>[] = [
    {
      name: "Dataset",
      cell: ({ id, name }) => (
        <Link to="/project/$projectId/datasets/$datasetId" params={{ projectId, datasetId: id }} className="font-medium text-accent-ink hover:underline">
          {name}
        </Link>
      ),
    },
    { name: "Description", cell: ({ description }) => <span className="line-clamp-2 max-w-prose text-soft">{description}</span>, isExtra: true },
    { name: "Items", isNumber: true, cell: ({ items }) => count(items) },
    { name: "Runs", isNumber: true, cell: ({ runs }) => count(runs) },
    { name: "Updated", cell: ({ updatedAt }) => <Ago time={updatedAt} /> },
  ];
  return (
    <Page title="Datasets">
      {list.isError && <Problem error={list.error} onRetry={() => void list.refetch()} />}
      {list.isPending && <Skeleton className="h-48" />}
      {list.isSuccess && datasets.length === 0 && (
        <Empty title="No datasets here">
          A dataset holds inputs to try an application on, with what it should answer. Applications make them with{" "}
          <code className="font-mono">langfuse.create_dataset</code>.
        </Empty>
      )}
      {datasets.length > 0 && <DataTable label="Datasets" columns={columns} rows={datasets} keyOf={({ id }) => id} />}
      {list.hasNextPage && (
        <Button className="self-center" disabled={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
          Show more
        </Button>
      )}
    </Page>
  );
}
