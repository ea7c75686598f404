// The score configs of a project: used by whoever judges, and where they are managed.
import { queryOptions } from "@tanstack/react-query";
import { answer, api, type Shapes } from "../api/client";

export type ScoreConfig = Shapes["ScoreConfigResponse"];

export function scoreConfigsQuery(projectId: string) {
  return queryOptions({
    queryKey: ["score-configs", projectId],
    queryFn: ({ signal }) => answer(api.GET("/projects/{project_id}/score-configs", { params: { path: { project_id: projectId } }, signal })),
    staleTime: 30_000,
  });
}
