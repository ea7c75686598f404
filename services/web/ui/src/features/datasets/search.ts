// What the address of results holds: the experiment they are of, and those that stand beside it.
import { textOf, textsOf } from "../../components/address";

/** As many as fit beside each other; the server takes no more. */
export const MAX_COMPARED = 6;

/** `baseline` and `c` as Langfuse's SDKs and pages write them. */
export type ResultsSearch = { baseline?: string; c?: string[] };

export function resultsSearch({ baseline, c }: Record<string, unknown>): ResultsSearch {
  return comparedSearch([...textsOf(textOf(baseline)), ...textsOf(c)]);
}

/** The first is what the others are compared with; nothing twice. */
export function comparedSearch(runIds: readonly string[]): ResultsSearch {
  const [baseline, ...others] = [...new Set(runIds)].slice(0, MAX_COMPARED);
  return { ...(baseline !== undefined && { baseline }), ...(others.length > 0 && { c: others }) };
}
