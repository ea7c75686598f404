import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { answer, api, type Shapes } from "../../api/client";

export type Member = Shapes["MemberShape"];
export type Model = Shapes["ModelResponse"];
export type AuditEntry = Shapes["AuditEntryShape"];
export type CreatedKey = Shapes["CreatedApiKeyShape"];

export function apiKeysQuery(projectId: string) {
  return queryOptions({
    queryKey: ["api-keys", projectId],
    queryFn: ({ signal }) =>
      answer(api.GET("/projects/{project_id}/api-keys", { params: { path: { project_id: projectId } }, signal })),
  });
}

export function createKey(projectId: string, note: string): Promise<CreatedKey> {
  return answer(
    api.POST("/projects/{project_id}/api-keys", { params: { path: { project_id: projectId } }, body: { note: note || null } }),
  );
}

export function revokeKey(projectId: string, id: string) {
  return answer(
    api.DELETE("/projects/{project_id}/api-keys/{api_key_id}", { params: { path: { project_id: projectId, api_key_id: id } } }),
  );
}

export function membersQuery(organizationId: string) {
  return queryOptions({
    queryKey: ["members", organizationId],
    queryFn: ({ signal }) =>
      answer(api.GET("/organizations/{organization_id}/members", { params: { path: { organization_id: organizationId } }, signal })),
  });
}

export function projectQuery(projectId: string) {
  return queryOptions({
    queryKey: ["project", projectId],
    queryFn: ({ signal }) => answer(api.GET("/projects/{project_id}/settings", { params: { path: { project_id: projectId } }, signal })),
  });
}

export function environmentsQuery(projectId: string) {
  return queryOptions({
    queryKey: ["trace-groups", projectId, "environment"],
    queryFn: ({ signal }) =>
      answer(api.GET("/projects/{project_id}/trace-groups/{by}", { params: { path: { project_id: projectId, by: "environment" }, query: { limit: 200 } }, signal })),
  });
}

export function modelsQuery(projectId: string) {
  return queryOptions({
    queryKey: ["models", projectId],
    queryFn: ({ signal }) => answer(api.GET("/projects/{project_id}/models", { params: { path: { project_id: projectId } }, signal })),
    staleTime: 60_000,
  });
}

export function auditLogQuery(projectId: string) {
  return infiniteQueryOptions({
    queryKey: ["audit-log", projectId],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam: cursor, signal }) =>
      answer(api.GET("/projects/{project_id}/audit-log", { params: { path: { project_id: projectId }, query: { cursor, limit: 100 } }, signal })),
    getNextPageParam: (page) => page.next ?? undefined,
  });
}
