// One cache for everything read from the server; a session that ended shows as one.
import { QueryCache, QueryClient } from "@tanstack/react-query";
import { Refusal } from "../api/client";
import { sessionQuery } from "./session";

export const queryClient: QueryClient = new QueryClient({
  queryCache: new QueryCache({
    onError: (error) => {
      if (error instanceof Refusal && error.status === 401) queryClient.setQueryData(sessionQuery.queryKey, null);
    },
  }),
  defaultOptions: {
    queries: {
      staleTime: 5_000,
      refetchOnWindowFocus: false,
      // What the server refuses it refuses again; only what it can't do now is worth another try.
      retry: (failures, error) => failures < 2 && (!(error instanceof Refusal) || error.status === 0 || error.status === 503),
    },
  },
});
