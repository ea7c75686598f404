import { infiniteQueryOptions, keepPreviousData, queryOptions } from "@tanstack/react-query";
import { answer, api, type Shapes } from "../../api/client";
import { bounds } from "../../components/range";
import type { ScoresSearch } from "./search";

export type Score = Shapes["ScoreRowShape"];
export type Summary = Shapes["ScoreSummaryShape"];

const PAGE = 100;

function asked(search: ScoresSearch) {
  const conditions = (["name", "source"] as const).flatMap((column) => {
    const value = search[column];
    return value ? [{ type: "stringOptions", column, operator: "any of", value: [value] }] : [];
  });
  return { ...bounds(search, Date.now()), ...(conditions.length > 0 && { filter: JSON.stringify(conditions) }) };
}

export function scoresQuery(projectId: string, search: ScoresSearch) {
  return infiniteQueryOptions({
    queryKey: ["scores", projectId, search],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam: cursor, signal }) =>
      answer(api.GET("/projects/{project_id}/scores", { params: { path: { project_id: projectId }, query: { ...asked(search), cursor, limit: PAGE } }, signal })),
    getNextPageParam: (page) => page.next ?? undefined,
    placeholderData: keepPreviousData,
  });
}

/** What all scores of a name say together, whichever name is chosen. */
export function summaryQuery(projectId: string, search: ScoresSearch) {
  const others = { ...search, name: undefined };
  return queryOptions({
    queryKey: ["scores-summary", projectId, others],
    queryFn: ({ signal }) => answer(api.GET("/projects/{project_id}/scores-summary", { params: { path: { project_id: projectId }, query: asked(others) }, signal })),
    placeholderData: keepPreviousData,
  });
}
