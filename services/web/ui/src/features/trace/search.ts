// What a trace's address holds besides the trace.
export type TraceSearch = { observation?: string; layout?: "tree" | "timeline" | "graph"; find?: string };

export function traceSearch({ observation, layout, find }: Record<string, unknown>): TraceSearch {
  return {
    ...(typeof observation === "string" && observation !== "" && { observation }),
    ...((layout === "tree" || layout === "timeline" || layout === "graph") && { layout }),
    ...(typeof find === "string" && find !== "" && { find }),
  };
}
