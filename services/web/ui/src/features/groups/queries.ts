import { infiniteQueryOptions, keepPreviousData, queryOptions } from "@tanstack/react-query";
import { answer, api, type Shapes } from "../../api/client";
import { bounds } from "../../components/range";
import type { GroupsSearch } from "./search";

export type Group = Shapes["TraceGroupShape"];
export type Turn = Shapes["TraceRowShape"];
export type GroupBy = Shapes["GroupBy"];

const PAGE = 50;
const TURNS = 20;
const COLUMN: Record<GroupBy, string> = { session: "sessionId", user: "userId", environment: "environment" };

export function groupsQuery(projectId: string, by: GroupBy, search: GroupsSearch) {
  const { q, sort, order } = search;
  const filter = q ? JSON.stringify([{ type: "string", column: COLUMN[by], operator: "contains", value: q }]) : undefined;
  return infiniteQueryOptions({
    queryKey: ["trace-groups", projectId, by, search],
    initialPageParam: 0,
    queryFn: ({ pageParam: offset, signal }) =>
      answer(
        api.GET("/projects/{project_id}/trace-groups/{by}", {
          params: { path: { project_id: projectId, by }, query: { ...bounds(search, Date.now()), filter, sort, order, offset, limit: PAGE } },
          signal,
        }),
      ),
    getNextPageParam: (page) => page.next ?? undefined,
    placeholderData: keepPreviousData,
  });
}

export function groupQuery(projectId: string, by: GroupBy, key: string) {
  return queryOptions({
    queryKey: ["trace-group", projectId, by, key],
    queryFn: ({ signal }) =>
      answer(api.GET("/projects/{project_id}/trace-groups/{by}/{key}", { params: { path: { project_id: projectId, by, key } }, signal })),
  });
}

/** The traces of a session, oldest first: one turn each. */
export function turnsQuery(projectId: string, sessionId: string) {
  const filter = JSON.stringify([{ type: "string", column: "sessionId", operator: "=", value: sessionId }]);
  return infiniteQueryOptions({
    queryKey: ["turns", projectId, sessionId],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam: cursor, signal }) =>
      answer(
        api.GET("/projects/{project_id}/traces", {
          params: { path: { project_id: projectId }, query: { filter, sort: "timestamp", order: "asc", cursor, limit: TURNS } },
          signal,
        }),
      ),
    getNextPageParam: (page) => page.next ?? undefined,
  });
}

export function turnTextsQuery(projectId: string, traceId: string) {
  return queryOptions({
    queryKey: ["trace-texts", projectId, traceId],
    queryFn: ({ signal }) =>
      answer(api.GET("/projects/{project_id}/trace-texts/{trace_id}", { params: { path: { project_id: projectId, trace_id: traceId } }, signal })),
    staleTime: 30_000,
  });
}
