import { queryOptions } from "@tanstack/react-query";
import { answer, api, Refusal, type Shapes } from "../../api/client";

export type Trace = Shapes["TraceShape"];
export type ObservationDetail = Shapes["ObservationDetailShape"];
export type Text = Shapes["TextShape"];
export type Score = Shapes["TraceScoreShape"];

export function traceQuery(projectId: string, traceId: string) {
  return queryOptions({
    queryKey: ["trace", projectId, traceId],
    queryFn: ({ signal }) =>
      answer(api.GET("/projects/{project_id}/traces/{trace_id}", { params: { path: { project_id: projectId, trace_id: traceId } }, signal })),
    // A link is often opened before its trace has arrived.
    retry: (failures, error) => error instanceof Refusal && error.status === 404 && failures < 4,
    retryDelay: 1000,
  });
}

export function traceTextsQuery(projectId: string, traceId: string) {
  return queryOptions({
    queryKey: ["trace-texts", projectId, traceId],
    queryFn: ({ signal }) =>
      answer(api.GET("/projects/{project_id}/trace-texts/{trace_id}", { params: { path: { project_id: projectId, trace_id: traceId } }, signal })),
    staleTime: 30_000,
  });
}

export function observationQuery(projectId: string, traceId: string, observationId: string) {
  return queryOptions({
    queryKey: ["observation", projectId, traceId, observationId],
    queryFn: ({ signal }) =>
      answer(
        api.GET("/projects/{project_id}/observations/{observation_id}", {
          params: { path: { project_id: projectId, observation_id: observationId }, query: { traceId } },
          signal,
        }),
      ),
    staleTime: 30_000,
  });
}

/** One text uncut, of an observation or of the trace itself. */
export function wholeText(projectId: string, traceId: string, observationId: string | undefined, field: "input" | "output"): Promise<string> {
  const path = { project_id: projectId, field };
  return observationId === undefined
    ? answer(
        api.GET("/projects/{project_id}/trace-texts-whole/{field}/{trace_id}", {
          params: { path: { ...path, trace_id: traceId } },
          parseAs: "text",
        }),
      )
    : answer(
        api.GET("/projects/{project_id}/observation-texts-whole/{field}/{observation_id}", {
          params: { path: { ...path, observation_id: observationId }, query: { traceId } },
          parseAs: "text",
        }),
      );
}
