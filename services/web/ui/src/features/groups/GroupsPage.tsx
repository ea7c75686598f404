// Sessions and users: what traces have in common, one row each.
import { useInfiniteQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { Search } from "lucide-react";
import { useEffect, useState } from "react";
import { Ago, Button, Empty, FIELD, Level, Problem, Skeleton } from "../../components/basics";
import { DataTable, type DataColumn } from "../../components/DataTable";
import { cost, count, tokens } from "../../components/format";
import { Page } from "../../components/Page";
import { RangeMenu } from "../../components/RangeMenu";
import { type Group, groupsQuery } from "./queries";
import type { GroupSort, GroupsSearch } from "./search";

const NUMBERS: readonly DataColumn<Group, GroupSort>[] = [
  { name: "Traces", isNumber: true, sort: "traces", cell: (group) => count(group.traces) },
  { name: "Errors", isNumber: true, sort: "errors", cell: (group) => (group.errors > 0 ? <Level level="ERROR" count={group.errors} /> : <span className="text-soft">0</span>) },
  { name: "Tokens", isNumber: true, sort: "tokens", cell: (group) => tokens(group.totalTokens), isExtra: true },
  { name: "Cost", isNumber: true, sort: "cost", cell: (group) => cost(group.totalCostUsd) },
  { name: "First", sort: "first", cell: (group) => <Ago time={group.first} />, isExtra: true },
  { name: "Last", sort: "last", cell: (group) => <Ago time={group.last} /> },
];

export function SessionsPage() {
  const route = getRouteApi("/project/$projectId/sessions");
  const { projectId } = route.useParams();
  const columns: DataColumn<Group, GroupSort>[] = [
    {
      name: "Session",
      cell: ({ key }) => (
        <Link to="/project/$projectId/sessions/$sessionId" params={{ projectId, sessionId: key }} className="font-medium text-accent-ink hover:underline">
          {key}
        </Link>
      ),
    },
    { name: "Users", cell: ({ users }) => users.join(", ") || <span className="text-soft">–</span>, isExtra: true },
    ...NUMBERS,
  ];
  return <Groups by="session" title="Sessions" projectId={projectId} search={route.useSearch()} navigate={route.useNavigate()} columns={columns} hint="session id" />;
}

export function UsersPage() {
  const route = getRouteApi("/project/$projectId/users");
  const { projectId } = route.useParams();
  const columns: DataColumn<Group, GroupSort>[] = [
    {
      name: "User",
      cell: ({ key }) => (
        <Link
          to="/project/$projectId/traces"
          params={{ projectId }}
          search={{ range: "all", filter: [{ type: "stringOptions", column: "userId", operator: "any of", value: [key] }] }}
          className="font-medium text-accent-ink hover:underline"
        >
          {key}
        </Link>
      ),
    },
    { name: "Sessions", isNumber: true, cell: (group) => count(group.sessions), isExtra: true },
    ...NUMBERS,
  ];
  return <Groups by="user" title="Users" projectId={projectId} search={route.useSearch()} navigate={route.useNavigate()} columns={columns} hint="user id" />;
}

function Groups({
  by,
  title,
  hint,
  projectId,
  search,
  navigate,
  columns,
}: {
  by: "session" | "user";
  title: string;
  hint: string;
  projectId: string;
  search: GroupsSearch;
  navigate: (to: { search: (before: GroupsSearch) => GroupsSearch }) => Promise<void>;
  columns: readonly DataColumn<Group, GroupSort>[];
}) {
  const change = (part: Partial<GroupsSearch>) => void navigate({ search: (before) => ({ ...before, ...part }) });
  const list = useInfiniteQuery(groupsQuery(projectId, by, search));
  const groups = list.data?.pages.flatMap((page) => page.groups) ?? [];
  const [text, setText] = useState(search.q ?? "");
  useEffect(() => setText(search.q ?? ""), [search.q]);
  return (
    <Page title={title} action={<RangeMenu search={search} onChange={(range) => change({ range, from: undefined, to: undefined })} />}>
      <form
        role="search"
        className="relative max-w-sm"
        onSubmit={(event) => {
          event.preventDefault();
          change({ q: text.trim() || undefined });
        }}
      >
        <Search aria-hidden className="pointer-events-none absolute top-2 left-2.5 size-4 text-soft" />
        <input
          type="search"
          aria-label={`Search ${title.toLowerCase()}`}
          placeholder={`Part of a ${hint}`}
          className={`${FIELD} pl-8`}
          value={text}
          onChange={(event) => {
            setText(event.target.value);
            if (event.target.value === "") change({ q: undefined });
          }}
        />
      </form>
      {list.isError && <Problem error={list.error} onRetry={() => void list.refetch()} />}
      {list.isPending && <Skeleton className="h-48" />}
      {list.isSuccess && groups.length === 0 && (
        <Empty title={`No ${title.toLowerCase()} here`} action={<Button onClick={() => change({ range: "all", from: undefined, to: undefined, q: undefined })}>Show all of all time</Button>}>
          {by === "session" ? "A session groups traces that were sent with the same session id." : "A user is whoever traces were sent for, by their user id."}
        </Empty>
      )}
      {groups.length > 0 && (
        <DataTable
          label={title}
          columns={columns}
          rows={groups}
          keyOf={({ key }) => key}
          sort={search.sort ?? "last"}
          order={search.order ?? "desc"}
          onSort={(sort) => change({ sort, order: (search.sort ?? "last") === sort && (search.order ?? "desc") === "desc" ? "asc" : "desc" })}
        />
      )}
      {list.hasNextPage && (
        <Button className="self-center" disabled={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
          Show more
        </Button>
      )}
    </Page>
  );
}
