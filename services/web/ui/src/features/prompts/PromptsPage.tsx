// The prompts of a project.
import { useInfiniteQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { Ago, Button, Empty, Problem, Skeleton, Tag } from "../../components/basics";
import { DataTable, type DataColumn } from "../../components/DataTable";
import { count } from "../../components/format";
import { Page } from "../../components/Page";
import { type Prompt, promptsQuery } from "./queries";

const route = getRouteApi("/project/$projectId/prompts");

export function PromptsPage() {
  const { projectId } = route.useParams();
  const list = useInfiniteQuery(promptsQuery(projectId));
  const prompts = list.data?.pages.flatMap((page) => page.prompts) ?? [];
  const columns: DataColumn<Prompt>[] = [
    {
      name: "Prompt",
      cell: ({ name }) => (
        <Link to="/project/$projectId/prompts/$name" params={{ projectId, name }} className="font-medium text-accent-ink hover:underline">
          {name}
        </Link>
      ),
    },
    { name: "Kind", cell: ({ type }) => <Tag>{type}</Tag> },
    { name: "Versions", isNumber: true, cell: ({ versions }) => count(versions.length) },
    { name: "Labels", cell: ({ labels }) => <Tags tags={labels} /> },
    { name: "Tags", cell: ({ tags }) => <Tags tags={tags} />, isExtra: true },
    { name: "Updated", cell: ({ lastUpdatedAt }) => <Ago time={lastUpdatedAt} /> },
  ];
  return (
    <Page title="Prompts">
      {list.isError && <Problem error={list.error} onRetry={() => void list.refetch()} />}
      {list.isPending && <Skeleton className="h-48" />}
      {list.isSuccess && prompts.length === 0 && (
        <Empty title="No prompts here">
          Applications keep prompts here with <code className="font-mono">langfuse.create_prompt</code> and fetch them by name and label.
        </Empty>
      )}
      {prompts.length > 0 && <DataTable label="Prompts" columns={columns} rows={prompts} keyOf={({ name }) => name} />}
      {list.hasNextPage && (
        <Button className="self-center" disabled={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
          Show more
        </Button>
      )}
    </Page>
  );
}

function Tags({ tags }: { tags: string[] }) {
  return (
    <span className="inline-flex flex-wrap gap-1">
      {tags.map((tag) => (
        <Tag key={tag}>{tag}</Tag>
      ))}
    </span>
  );
}
