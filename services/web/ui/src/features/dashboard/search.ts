// What the dashboard's address holds.
import { type RangeSearch, rangeSearch } from "../../components/range";

export type DashboardSearch = RangeSearch & { environment?: string; name?: string };

export function dashboardSearch(search: Record<string, unknown>): DashboardSearch {
  const { environment, name } = search;
  return {
    ...rangeSearch(search),
    ...(typeof environment === "string" && environment !== "" && { environment }),
    ...(typeof name === "string" && name !== "" && { name }),
  };
}
