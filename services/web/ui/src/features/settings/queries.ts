import { queryOptions } from "@tanstack/react-query";
import { answer, api, type Shapes } from "../../api/client";

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
