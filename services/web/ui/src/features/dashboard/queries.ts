import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { answer, api, type Shapes } from "../../api/client";
import type { Answered } from "./charts";

export type SavedWidget = Shapes["SavedViewShape"];

export function metricsQuery(projectId: string, query: string) {
  return queryOptions({
    queryKey: ["metrics", projectId, query],
    queryFn: async ({ signal }): Promise<Answered[]> =>
      (await answer(api.GET("/projects/{project_id}/metrics", { params: { path: { project_id: projectId }, query: { query } }, signal }))).data,
    placeholderData: keepPreviousData,
    staleTime: 30_000,
  });
}

export function widgetsQuery(projectId: string) {
  return queryOptions({
    queryKey: ["saved-views", projectId, "widget"],
    queryFn: ({ signal }) =>
      answer(api.GET("/projects/{project_id}/saved-views", { params: { path: { project_id: projectId }, query: { kind: "widget" } }, signal })),
  });
}

export function saveWidget(projectId: string, name: string, content: Record<string, unknown>) {
  return answer(api.POST("/projects/{project_id}/saved-views", { params: { path: { project_id: projectId } }, body: { kind: "widget", name, content } }));
}

export function deleteWidget(projectId: string, id: string) {
  return answer(api.DELETE("/projects/{project_id}/saved-views/{view_id}", { params: { path: { project_id: projectId, view_id: id } } }));
}

/** Environments with the times between which they have traces. */
export function environmentsQuery(projectId: string) {
  return queryOptions({
    queryKey: ["trace-groups", projectId, "environment"],
    queryFn: ({ signal }) =>
      answer(api.GET("/projects/{project_id}/trace-groups/{by}", { params: { path: { project_id: projectId, by: "environment" }, query: { limit: 200 } }, signal })),
    staleTime: 60_000,
  });
}

export function namesQuery(projectId: string) {
  return queryOptions({
    queryKey: ["traces-options", projectId, "name", "all"],
    queryFn: ({ signal }) =>
      answer(api.GET("/projects/{project_id}/traces-options/{facet}", { params: { path: { project_id: projectId, facet: "name" } }, signal })),
    staleTime: 60_000,
  });
}
