// One trace for everyone who has its link: no sign-in, nothing to change, and no way to anything else.
import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { Moon, Sun } from "lucide-react";
import { useCallback, useEffect } from "react";
import { Refusal } from "../../api/client";
import { toggleTheme, useIsDark } from "../../app/theme";
import { Empty, IconButton, Problem, Skeleton, Tag } from "../../components/basics";
import { WithMedia } from "../text/Media";
import { ObservationPane, TraceDetail } from "./Detail";
import { ErrorCount, Figures, Tags } from "./Figures";
import { sharedTraceQuery } from "./queries";
import type { TraceSearch } from "./search";
import { TraceBody } from "./TraceBody";

const route = getRouteApi("/public/$projectId/traces/$traceId");

export function SharedTracePage() {
  const { projectId, traceId } = route.useParams();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const { data, error } = useQuery(sharedTraceQuery(projectId, traceId));
  const isDark = useIsDark();
  const change = useCallback(
    (part: Partial<TraceSearch>) => void navigate({ search: (before) => ({ ...before, ...part }), replace: true }),
    [navigate],
  );
  useEffect(() => {
    document.title = `${data?.trace.name ?? "Shared trace"} · ElasticDash`;
  }, [data]);
  const source = { projectId, traceId, isShared: true };
  return (
    <main className="flex h-full flex-col">
      {error ? (
        error instanceof Refusal && error.status === 404 ? (
          <Empty isPage title="Nothing is shared here">
            {error.message}.
          </Empty>
        ) : (
          <Problem error={error} />
        )
      ) : data ? (
        <TraceBody
          skeleton={data.skeleton}
          search={search}
          onChange={change}
          head={(goToError) => (
            <header className="flex flex-col gap-1 px-3 py-2">
              <div className="flex items-center gap-1.5">
                <img src="./ui/icon.svg" alt="" className="mr-1 size-5 rounded" />
                <h1 className="min-w-0 truncate text-base font-semibold">{data.trace.name ?? <span className="text-soft">unnamed trace</span>}</h1>
                <Tag>shared</Tag>
                <ErrorCount skeleton={data.skeleton} onClick={goToError} />
                <div className="flex-1" />
                <IconButton label={isDark ? "Light theme" : "Dark theme"} onClick={toggleTheme}>
                  {isDark ? <Sun className="size-4" /> : <Moon className="size-4" />}
                </IconButton>
              </div>
              <dl className="flex flex-wrap items-center gap-x-5 gap-y-1 pl-1 text-soft">
                <Figures time={data.trace.timestamp} skeleton={data.skeleton} />
                <Tags tags={data.trace.tags} />
              </dl>
            </header>
          )}
          details={(observationId) => (
            <WithMedia projectId={projectId} sharedTraceId={traceId}>
              {observationId === undefined ? <TraceDetail source={source} trace={data.trace} /> : <ObservationPane source={source} observationId={observationId} />}
            </WithMedia>
          )}
        />
      ) : (
        <div className="flex flex-col gap-3 p-4" aria-busy="true">
          <Skeleton className="h-6 w-64" />
          <Skeleton className="h-80" />
        </div>
      )}
    </main>
  );
}
