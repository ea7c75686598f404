import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { answer, api, type Shapes } from "../../api/client";

export type Dataset = Shapes["DatasetShape"];
export type DatasetDetail = Shapes["DatasetDetailShape"];
export type ItemRow = Shapes["DatasetItemRowShape"];
export type Item = Shapes["DatasetItemShape"];
export type Experiment = Shapes["ExperimentRowShape"];
export type Summary = Shapes["ExperimentSummaryShape"];
export type ComparedItem = Shapes["ComparedItemShape"];
export type Result = Shapes["ResultShape"];
export type GivenScore = Shapes["GivenScoreShape"];

export function datasetsQuery(projectId: string) {
  return infiniteQueryOptions({
    queryKey: ["datasets", projectId],
    initialPageParam: 0,
    queryFn: ({ pageParam: offset, signal }) =>
      answer(api.GET("/projects/{project_id}/datasets", { params: { path: { project_id: projectId }, query: { offset } }, signal })),
    getNextPageParam: (page) => page.next ?? undefined,
  });
}

export function datasetQuery(projectId: string, datasetId: string) {
  return queryOptions({
    queryKey: ["dataset", projectId, datasetId],
    queryFn: ({ signal }) =>
      answer(api.GET("/projects/{project_id}/datasets/{dataset_id}", { params: { path: { project_id: projectId, dataset_id: datasetId } }, signal })),
  });
}

export function itemsQuery(projectId: string, datasetId: string) {
  return infiniteQueryOptions({
    queryKey: ["dataset-items", projectId, datasetId],
    initialPageParam: 0,
    queryFn: ({ pageParam: offset, signal }) =>
      answer(api.GET("/projects/{project_id}/dataset-items", { params: { path: { project_id: projectId }, query: { datasetId, offset } }, signal })),
    getNextPageParam: (page) => page.next ?? undefined,
  });
}

export function itemQuery(projectId: string, itemId: string) {
  return queryOptions({
    queryKey: ["dataset-item", projectId, itemId],
    queryFn: ({ signal }) =>
      answer(api.GET("/projects/{project_id}/dataset-items/{item_id}", { params: { path: { project_id: projectId, item_id: itemId } }, signal })),
  });
}

/** Experiments over one dataset, or all of them. */
export function experimentsQuery(projectId: string, datasetId?: string) {
  return infiniteQueryOptions({
    queryKey: ["experiments", projectId, datasetId],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam: cursor, signal }) =>
      answer(api.GET("/projects/{project_id}/experiments", { params: { path: { project_id: projectId }, query: { datasetId, cursor } }, signal })),
    getNextPageParam: (page) => page.next ?? undefined,
  });
}

export function summaryQuery(projectId: string, runId: string) {
  return queryOptions({
    queryKey: ["experiment", projectId, runId],
    queryFn: ({ signal }) =>
      answer(api.GET("/projects/{project_id}/experiments/{run_id}", { params: { path: { project_id: projectId, run_id: runId } }, signal })),
  });
}

export function resultsQuery(projectId: string, runIds: string[]) {
  return infiniteQueryOptions({
    queryKey: ["experiment-results", projectId, runIds],
    initialPageParam: 0,
    queryFn: ({ pageParam: offset, signal }) =>
      answer(api.GET("/projects/{project_id}/experiment-results", { params: { path: { project_id: projectId }, query: { runIds, offset } }, signal })),
    getNextPageParam: (page) => page.next ?? undefined,
    enabled: runIds.length > 0,
  });
}
