// What the addresses of the pages about sessions and users hold.
import { type RangeSearch, rangeSearch } from "../../components/range";

export const GROUP_SORTS = ["last", "first", "traces", "errors", "cost", "tokens"] as const;
export type GroupSort = (typeof GROUP_SORTS)[number];
export type GroupsSearch = RangeSearch & { q?: string; sort?: GroupSort; order?: "asc" | "desc" };

export function groupsSearch(search: Record<string, unknown>): GroupsSearch {
  const { q, sort, order } = search;
  return {
    ...rangeSearch(search),
    ...(typeof q === "string" && q !== "" && { q }),
    ...(GROUP_SORTS.includes(sort as GroupSort) && { sort: sort as GroupSort }),
    ...((order === "asc" || order === "desc") && { order }),
  };
}
