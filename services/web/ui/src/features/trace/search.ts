// What a trace's address holds besides the trace.
import { textOf } from "../../components/address";

export type TraceSearch = { observation?: string; layout?: "tree" | "timeline" | "graph"; find?: string };

export function traceSearch({ observation, layout, find }: Record<string, unknown>): TraceSearch {
  const id = textOf(observation);
  return {
    ...(id !== undefined && { observation: id }),
    ...((layout === "tree" || layout === "timeline" || layout === "graph") && { layout }),
    ...(typeof find === "string" && find !== "" && { find }),
  };
}
