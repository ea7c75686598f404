// Who changed what, and when.
import { useInfiniteQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useRoleReaches } from "../../app/session";
import { Button, Empty, Problem, Skeleton } from "../../components/basics";
import { DataTable, type DataColumn } from "../../components/DataTable";
import { exact } from "../../components/format";
import { Page } from "../../components/Page";
import { type AuditEntry, auditLogQuery } from "./queries";

const route = getRouteApi("/project/$projectId/settings/audit-log");
const ACTIONS: Record<string, string> = { create: "created", update: "changed", delete: "deleted" };
const COLUMNS: readonly DataColumn<AuditEntry>[] = [
  { name: "When", cell: ({ at }) => <time dateTime={at} className="whitespace-nowrap">{exact(new Date(at))}</time> },
  { name: "Who", cell: ({ actor, actorType }) => (actorType === "system" ? "the Logger" : actor) },
  { name: "Did", cell: ({ action }) => ACTIONS[action] ?? action },
  { name: "What", cell: ({ resourceType }) => resourceType.replace(/([A-Z])/g, " $1").toLowerCase() },
  { name: "Id", cell: ({ resourceId }) => <code className="font-mono text-[0.85em] text-soft">{resourceId}</code>, isExtra: true },
];

export function AuditLogPage() {
  const { projectId } = route.useParams();
  const mayRead = useRoleReaches(projectId, "ADMIN");
  return (
    <Page title="Audit log">
      {mayRead ? <Entries projectId={projectId} /> : <Empty title="Only administrators read the audit log">Ask an administrator or owner of the organization.</Empty>}
    </Page>
  );
}

function Entries({ projectId }: { projectId: string }) {
  const list = useInfiniteQuery(auditLogQuery(projectId));
  if (list.isError) return <Problem error={list.error} onRetry={() => void list.refetch()} />;
  if (!list.data) return <Skeleton className="h-64" />;
  const entries = list.data.pages.flatMap((page) => page.entries);
  return (
    <>
      <p className="text-soft">Changes of this project, and of its organization and members.</p>
      <DataTable label="Changes" columns={COLUMNS} rows={entries} keyOf={({ id }) => id} />
      {list.hasNextPage && (
        <Button className="self-center" disabled={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
          Show earlier changes
        </Button>
      )}
    </>
  );
}
