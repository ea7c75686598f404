// What the address of the page of scores holds.
import { type RangeSearch, rangeSearch } from "../../components/range";

export type ScoresSearch = RangeSearch & { name?: string; source?: string };

export function scoresSearch(search: Record<string, unknown>): ScoresSearch {
  const { name, source } = search;
  return {
    ...rangeSearch(search),
    ...(typeof name === "string" && name !== "" && { name }),
    ...(typeof source === "string" && source !== "" && { source }),
  };
}
