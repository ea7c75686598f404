import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { answer, api, type Shapes } from "../../api/client";

export type Prompt = Shapes["PromptShape"];
export type Version = Shapes["PromptVersionShape"];
export type Content = Shapes["PromptContentShape"];

export function promptsQuery(projectId: string) {
  return infiniteQueryOptions({
    queryKey: ["prompts", projectId],
    initialPageParam: 0,
    queryFn: ({ pageParam: offset, signal }) =>
      answer(api.GET("/projects/{project_id}/prompts", { params: { path: { project_id: projectId }, query: { offset } }, signal })),
    getNextPageParam: (page) => page.next ?? undefined,
  });
}

export function versionsQuery(projectId: string, name: string) {
  return queryOptions({
    queryKey: ["prompt-versions", projectId, name],
    queryFn: ({ signal }) => answer(api.GET("/projects/{project_id}/prompts/{name}", { params: { path: { project_id: projectId, name } }, signal })),
  });
}

/** What a version says never changes. */
export function contentQuery(projectId: string, name: string, version: number) {
  return queryOptions({
    queryKey: ["prompt-content", projectId, name, version],
    queryFn: ({ signal }) =>
      answer(api.GET("/projects/{project_id}/prompt-versions/{version}/{name}", { params: { path: { project_id: projectId, version, name } }, signal })),
    staleTime: Number.POSITIVE_INFINITY,
  });
}
