import { infiniteQueryOptions, keepPreviousData, queryOptions } from "@tanstack/react-query";
import { answer, api, type Shapes } from "../../api/client";
import { bounds } from "../../components/range";
import type { TracesSearch } from "./search";

export type TraceRow = Shapes["TraceRowShape"];
export type Facet = Shapes["Facet"];

const PAGE = 100;

function asked(search: TracesSearch) {
  return {
    ...bounds(search, Date.now()),
    ...(search.filter && { filter: JSON.stringify(search.filter) }),
    ...(search.q && { search: search.q }),
  };
}

/** What decides which traces are shown, without what decides how. */
function which({ q, filter, range, from, to }: TracesSearch) {
  return { q, filter, range, from, to };
}

export function tracesQuery(projectId: string, search: TracesSearch) {
  const { sort, order } = search;
  return infiniteQueryOptions({
    queryKey: ["traces", projectId, which(search), sort, order],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam: cursor, signal }) =>
      answer(
        api.GET("/projects/{project_id}/traces", {
          params: { path: { project_id: projectId }, query: { ...asked(search), sort, order, cursor, limit: PAGE } },
          signal,
        }),
      ),
    getNextPageParam: (page) => page.next ?? undefined,
    placeholderData: keepPreviousData,
  });
}

/** The newest traces, to see what came since the list was read. */
export function newestQuery(projectId: string, search: TracesSearch) {
  return queryOptions({
    queryKey: ["traces-newest", projectId, which(search)],
    queryFn: ({ signal }) =>
      answer(
        api.GET("/projects/{project_id}/traces", {
          params: { path: { project_id: projectId }, query: { ...asked(search), limit: PAGE } },
          signal,
        }),
      ),
  });
}

export function overviewQuery(projectId: string, search: TracesSearch, bucketSeconds: number) {
  return queryOptions({
    queryKey: ["traces-overview", projectId, which(search), bucketSeconds],
    queryFn: ({ signal }) =>
      answer(
        api.GET("/projects/{project_id}/traces-overview", {
          params: { path: { project_id: projectId }, query: { ...asked(search), bucketSeconds } },
          signal,
        }),
      ),
    placeholderData: keepPreviousData,
  });
}

/** What a facet offers: values of the traces that all other conditions keep. */
export function optionsQuery(projectId: string, search: TracesSearch, facet: Facet) {
  const others = { ...search, filter: search.filter?.filter(({ column }) => column !== facet) };
  return queryOptions({
    queryKey: ["traces-options", projectId, which(others), facet],
    queryFn: ({ signal }) =>
      answer(
        api.GET("/projects/{project_id}/traces-options/{facet}", {
          params: { path: { project_id: projectId, facet }, query: asked(others) },
          signal,
        }),
      ),
    placeholderData: keepPreviousData,
    staleTime: 30_000,
  });
}

export function deleteTraces(projectId: string, traceIds: string[]) {
  return answer(
    api.POST("/projects/{project_id}/traces-deletion", { params: { path: { project_id: projectId } }, body: { traceIds } }),
  );
}

/** The address of a file with the traces that are shown, or with these alone. */
export function exportAddress(projectId: string, search: TracesSearch, format: "csv" | "jsonl", ids?: readonly string[]): string {
  const which = ids ? { filter: JSON.stringify([{ type: "stringOptions", column: "id", operator: "any of", value: ids }]) } : asked(search);
  const query = new URLSearchParams({ ...which, format });
  return new URL(`api/ui/projects/${encodeURIComponent(projectId)}/traces-export?${query.toString()}`, document.baseURI).href;
}
