// How the project does: volume, cost, latency, errors and scores over time, and what people added.
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { clsx } from "clsx";
import { Plus } from "lucide-react";
import { useMemo, useState } from "react";
import { useRoleReaches } from "../../app/session";
import { Button, FIELD, Problem, Skeleton } from "../../components/basics";
import { cost, duration, percent, shortCount } from "../../components/format";
import { Dialog } from "../../components/menu";
import { Page } from "../../components/Page";
import { bounds as boundsOf } from "../../components/range";
import { RangeMenu } from "../../components/RangeMenu";
import { type ChartSpec, listOf, queryOf, specOf } from "./charts";
import { NewWidget } from "./NewWidget";
import { deleteWidget, environmentsQuery, metricsQuery, namesQuery, widgetsQuery } from "./queries";
import type { DashboardSearch } from "./search";
import { Widget } from "./Widget";

const route = getRouteApi("/project/$projectId/dashboard");
const PERCENTILES = ["p50", "p90", "p95", "p99"];
const ERRORS = [{ type: "stringOptions", column: "level", operator: "any of", value: ["ERROR"] }];
const metric = (measure: string, aggregation: string) => [{ measure, aggregation }];

const BUILT_IN: readonly ChartSpec[] = [
  { name: "Traces", view: "traces", metrics: metric("count", "count"), kind: "bars" },
  { name: "Latency of traces", view: "traces", metrics: PERCENTILES.map((aggregation) => ({ measure: "latency", aggregation })), kind: "lines" },
  { name: "Cost by model", view: "observations", metrics: metric("totalCost", "sum"), dimension: "providedModelName", kind: "bars" },
  { name: "Tokens", view: "observations", metrics: [...metric("inputTokens", "sum"), ...metric("outputTokens", "sum")], kind: "bars" },
  { name: "Errors by observation", view: "observations", metrics: metric("count", "count"), dimension: "name", filters: ERRORS, kind: "bars" },
  { name: "Scores, average", view: "scores-numeric", metrics: metric("value", "avg"), dimension: "name", kind: "lines" },
  { name: "Most frequent traces", view: "traces", metrics: metric("count", "count"), dimension: "name", kind: "list" },
  { name: "Users by cost", view: "traces", metrics: metric("totalCost", "sum"), dimension: "userId", kind: "list" },
  { name: "Environments", view: "traces", metrics: metric("count", "count"), dimension: "environment", kind: "list" },
  { name: "Slowest observations, p95", view: "observations", metrics: metric("latency", "p95"), dimension: "name", kind: "list" },
];

export function DashboardPage() {
  const { projectId } = route.useParams();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const change = (part: Partial<DashboardSearch>) => void navigate({ search: (before) => ({ ...before, ...part }) });
  const client = useQueryClient();
  const mayEdit = useRoleReaches(projectId, "MEMBER");
  const environments = useQuery(environmentsQuery(projectId));
  const names = useQuery(namesQuery(projectId));
  const widgets = useQuery(widgetsQuery(projectId));
  const [isAdding, setAdding] = useState(false);
  const [problem, setProblem] = useState<Error>();
  const groups = environments.data?.groups;
  const bounds = useMemo(() => {
    const asked = boundsOf(search, Date.now());
    const first = groups?.map((group) => group.first).sort()[0];
    const now = new Date(Math.ceil(Date.now() / 60_000) * 60_000).toISOString();
    return { from: asked.fromTimestamp ?? first ?? new Date(Date.now() - 86_400_000).toISOString(), to: asked.toTimestamp ?? now };
  }, [search, groups]);
  const reload = () => client.invalidateQueries({ queryKey: ["saved-views", projectId, "widget"] });
  const remove = async (id: string) => {
    try {
      await deleteWidget(projectId, id);
      await reload();
    } catch (refused) {
      setProblem(refused as Error);
    }
  };
  const own = (widgets.data?.views ?? []).flatMap(({ id, name, content }) => {
    const spec = specOf(name, content);
    return spec ? [{ id, spec }] : [];
  });
  return (
    <Page
      title="Dashboard"
      action={
        <>
          <Narrow label="Trace name" value={search.name} options={names.data?.options.map(({ value }) => value)} onChange={(name) => change({ name })} />
          <Narrow label="Environment" value={search.environment} options={groups?.map(({ key }) => key)} onChange={(environment) => change({ environment })} />
          <RangeMenu search={search} onChange={(range) => change({ range, from: undefined, to: undefined })} />
          {mayEdit && (
            <Button onClick={() => setAdding(true)}>
              <Plus aria-hidden className="size-4" /> Chart
            </Button>
          )}
        </>
      }
    >
      {problem && <Problem error={problem} />}
      <Figures projectId={projectId} bounds={bounds} search={search} />
      <div className="grid gap-3 md:grid-cols-2 2xl:grid-cols-3">
        {own.map(({ id, spec }) => (
          <Widget key={id} projectId={projectId} spec={spec} bounds={bounds} search={search} onDelete={mayEdit ? () => void remove(id) : undefined} />
        ))}
        {BUILT_IN.map((spec) => (
          <Widget key={spec.name} projectId={projectId} spec={spec} bounds={bounds} search={search} />
        ))}
      </div>
      <Dialog open={isAdding} onClose={() => setAdding(false)} title="New chart" description="Everybody in this project sees it.">
        <NewWidget
          projectId={projectId}
          onSaved={async () => {
            await reload();
            setAdding(false);
          }}
        />
      </Dialog>
    </Page>
  );
}

function Narrow({ label, value, options, onChange }: { label: string; value: string | undefined; options: string[] | undefined; onChange: (value: string | undefined) => void }) {
  const offered = value && !options?.includes(value) ? [value, ...(options ?? [])] : (options ?? []);
  return (
    <select aria-label={label} className={clsx(FIELD, "!w-auto max-w-56")} value={value ?? ""} onChange={(event) => onChange(event.target.value || undefined)}>
      <option value="">Any {label.toLowerCase()}</option>
      {offered.map((option) => (
        <option key={option}>{option}</option>
      ))}
    </select>
  );
}

const TOTALS: ChartSpec = {
  name: "Totals",
  view: "traces",
  metrics: [...metric("count", "count"), ...metric("totalCost", "sum"), ...metric("totalTokens", "sum"), ...metric("latency", "p50"), ...metric("latency", "p95"), ...metric("uniqueUserIds", "uniq")],
  kind: "bars",
};
const FAILED: ChartSpec = { name: "Failed", view: "traces", metrics: metric("count", "count"), kind: "list", filters: ERRORS };

function Figures({ projectId, bounds, search }: { projectId: string; bounds: { from: string; to: string }; search: DashboardSearch }) {
  const query = (spec: ChartSpec) => {
    const { timeDimension: _, ...asked } = JSON.parse(queryOf(spec, bounds, search)) as Record<string, unknown>;
    return JSON.stringify(asked);
  };
  const totals = useQuery(metricsQuery(projectId, query(TOTALS)));
  const failed = useQuery(metricsQuery(projectId, query(FAILED)));
  const row = totals.data?.[0];
  const number = (key: string) => (row?.[key] === null || row?.[key] === undefined ? null : Number(row[key]));
  const count = number("count_count") ?? 0;
  const errors = failed.data && (listOf(FAILED, failed.data)[0]?.value ?? 0);
  const seconds = (key: string) => duration(number(key) === null ? null : (number(key) as number) / 1000);
  const figures = [
    ["Traces", shortCount(count)],
    ["With errors", errors === undefined || count === 0 ? "–" : percent(errors / count)],
    ["p50 latency", seconds("p50_latency")],
    ["p95 latency", seconds("p95_latency")],
    ["Cost", cost(number("sum_totalCost"))],
    ["Tokens", shortCount(number("sum_totalTokens") ?? 0)],
    ["Users", shortCount(number("uniq_uniqueUserIds") ?? 0)],
  ];
  return (
    <dl aria-label="Figures" className="grid grid-cols-[repeat(auto-fit,minmax(7rem,1fr))] gap-2">
      {figures.map(([name, value]) => (
        <div key={name} className="rounded-lg border border-line px-3 py-2">
          <dt className="text-2xs text-soft">{name}</dt>
          <dd className="text-lg font-semibold">{totals.isPending ? <Skeleton className="mt-1 h-5 w-12" /> : value}</dd>
        </div>
      ))}
    </dl>
  );
}
