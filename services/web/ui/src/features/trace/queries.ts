import { queryOptions } from "@tanstack/react-query";
import { answer, api, Refusal, type Shapes } from "../../api/client";

export type Trace = Shapes["TraceShape"];
export type SharedTrace = Shapes["SharedTraceShape"];
export type ObservationDetail = Shapes["ObservationDetailShape"];
export type Text = Shapes["TextShape"];
export type Score = Shapes["TraceScoreShape"];
/** Where a trace is read from: its project, or the public link that opens this one trace. */
export type Source = { projectId: string; traceId: string; isShared: boolean };

// A link is often opened before its trace has arrived.
const PATIENT = {
  retry: (failures: number, error: Error) => error instanceof Refusal && error.status === 404 && failures < 4,
  retryDelay: 1000,
};

export function traceQuery(projectId: string, traceId: string) {
  return queryOptions({
    queryKey: ["trace", projectId, traceId],
    queryFn: ({ signal }) =>
      answer(api.GET("/projects/{project_id}/traces/{trace_id}", { params: { path: { project_id: projectId, trace_id: traceId } }, signal })),
    ...PATIENT,
  });
}

export function sharedTraceQuery(projectId: string, traceId: string) {
  return queryOptions({
    queryKey: ["shared trace", projectId, traceId],
    queryFn: ({ signal }) => answer(api.GET("/shared/{project_id}/trace", { params: { path: { project_id: projectId }, query: { traceId } }, signal })),
    ...PATIENT,
  });
}

export function traceTextsQuery({ projectId, traceId, isShared }: Source) {
  return queryOptions({
    queryKey: ["trace-texts", isShared, projectId, traceId],
    queryFn: ({ signal }) =>
      isShared
        ? answer(api.GET("/shared/{project_id}/trace-texts", { params: { path: { project_id: projectId }, query: { traceId } }, signal }))
        : answer(api.GET("/projects/{project_id}/trace-texts/{trace_id}", { params: { path: { project_id: projectId, trace_id: traceId } }, signal })),
    staleTime: 30_000,
  });
}

export function observationQuery({ projectId, traceId, isShared }: Source, observationId: string) {
  const params = { path: { project_id: projectId, observation_id: observationId }, query: { traceId } };
  return queryOptions({
    queryKey: ["observation", isShared, projectId, traceId, observationId],
    queryFn: ({ signal }) =>
      isShared
        ? answer(api.GET("/shared/{project_id}/observations/{observation_id}", { params, signal }))
        : answer(api.GET("/projects/{project_id}/observations/{observation_id}", { params, signal })),
    staleTime: 30_000,
  });
}

/** One text uncut, of an observation or of the trace itself. */
export function wholeText({ projectId, traceId, isShared }: Source, observationId: string | undefined, field: "input" | "output"): Promise<string> {
  const path = { project_id: projectId, field };
  const query = { traceId };
  if (observationId !== undefined) {
    const params = { path: { ...path, observation_id: observationId }, query };
    return isShared
      ? answer(api.GET("/shared/{project_id}/observation-texts-whole/{field}/{observation_id}", { params, parseAs: "text" }))
      : answer(api.GET("/projects/{project_id}/observation-texts-whole/{field}/{observation_id}", { params, parseAs: "text" }));
  }
  return isShared
    ? answer(api.GET("/shared/{project_id}/trace-texts-whole/{field}", { params: { path, query }, parseAs: "text" }))
    : answer(api.GET("/projects/{project_id}/trace-texts-whole/{field}/{trace_id}", { params: { path: { ...path, trace_id: traceId } }, parseAs: "text" }));
}
