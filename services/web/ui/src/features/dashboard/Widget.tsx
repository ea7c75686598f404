// One chart of the dashboard: its answer as marks, or as a table.
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { Table2, Trash2 } from "lucide-react";
import { useMemo, useState } from "react";
import { IconButton, Problem, Skeleton } from "../../components/basics";
import { BarList, type Format, TimeChart } from "../../components/charts";
import { DataTable, type DataColumn } from "../../components/DataTable";
import { cost, duration, exact, shortCount } from "../../components/format";
import { type ChartSpec, listOf, queryOf, seriesOf, type Unit, unitOf } from "./charts";
import { metricsQuery } from "./queries";
import type { DashboardSearch } from "./search";

const FORMATS: Record<Unit, Format> = {
  count: (value) => (value === null ? "–" : shortCount(value)),
  usd: (value) => cost(value),
  milliseconds: (value) => duration(value === null ? null : value / 1000),
  number: (value) => (value === null ? "–" : String(Number(value.toPrecision(3)))),
};
// What a value of a dimension narrows the trace list by.
const LINKS: Record<string, Record<string, string>> = {
  traces: { name: "name", userId: "userId", sessionId: "sessionId", environment: "environment", release: "release", version: "version" },
  observations: { traceName: "name", userId: "userId", environment: "environment" },
  "scores-numeric": { traceName: "name", userId: "userId", environment: "environment" },
};

export function Widget({
  projectId,
  spec,
  bounds,
  search,
  onDelete,
}: {
  projectId: string;
  spec: ChartSpec;
  bounds: { from: string; to: string };
  search: DashboardSearch;
  onDelete?: () => void;
}) {
  const navigate = useNavigate();
  const { data, isError, error, refetch } = useQuery(metricsQuery(projectId, queryOf(spec, bounds, search)));
  const [asTable, setAsTable] = useState(false);
  const format = FORMATS[unitOf(spec)];
  const isEmpty = data !== undefined && (spec.kind === "list" ? listOf(spec, data) : seriesOf(spec, data).series).length === 0;
  const showTraces = (part: { from?: string; to?: string; value?: string }) => {
    const column = spec.dimension && LINKS[spec.view]?.[spec.dimension];
    void navigate({
      to: "/project/$projectId/traces",
      params: { projectId },
      search: {
        from: part.from ?? bounds.from,
        to: part.to ?? bounds.to,
        ...(column && part.value && { filter: [{ type: "stringOptions", column, operator: "any of", value: [part.value] }] }),
      },
    });
  };
  return (
    <section aria-label={spec.name} className="flex min-w-0 flex-col gap-2 rounded-lg border border-line p-3">
      <div className="flex h-7 items-center gap-1">
        <h2 className="min-w-0 flex-1 truncate font-semibold">{spec.name}</h2>
        <IconButton label={asTable ? `${spec.name} as a chart` : `${spec.name} as a table`} aria-pressed={asTable} className="size-7" onClick={() => setAsTable(!asTable)}>
          <Table2 className="size-3.5" />
        </IconButton>
        {onDelete && (
          <IconButton label={`Remove ${spec.name}`} className="size-7" onClick={onDelete}>
            <Trash2 className="size-3.5" />
          </IconButton>
        )}
      </div>
      {isError && <Problem error={error} onRetry={() => void refetch()} />}
      {!data && !isError && <Skeleton className="h-36" />}
      {isEmpty && <p className="py-8 text-center text-soft">Nothing in this time range.</p>}
      {data && !isEmpty && spec.kind === "list" && <Listed spec={spec} data={data} asTable={asTable} format={format} onPick={spec.dimension && LINKS[spec.view]?.[spec.dimension] ? (value) => showTraces({ value }) : undefined} />}
      {data && !isEmpty && spec.kind !== "list" && (
        <Timed
          spec={spec}
          data={data}
          asTable={asTable}
          format={format}
          onPick={(from, to) => showTraces({ from, to: to ?? bounds.to })}
        />
      )}
    </section>
  );
}

type Shown = { spec: ChartSpec; data: Parameters<typeof listOf>[1]; asTable: boolean; format: Format };

function Listed({ spec, data, asTable, format, onPick }: Shown & { onPick: ((value: string) => void) | undefined }) {
  const rows = listOf(spec, data);
  const name = (key: string) =>
    onPick && key !== "not set" ? (
      <button type="button" className="min-h-7 max-w-full truncate text-left text-accent-ink hover:underline" onClick={() => onPick(key)}>
        {key}
      </button>
    ) : (
      key
    );
  if (!asTable) return <BarList label={spec.name} rows={rows.map(({ key, value }) => ({ key, value, name: name(key) }))} format={format} />;
  const columns: DataColumn<(typeof rows)[number]>[] = [
    { name: "Name", cell: ({ key }) => name(key) },
    { name: "Value", cell: ({ value }) => format(value), isNumber: true },
  ];
  return <DataTable label={`${spec.name}, values`} columns={columns} rows={rows} keyOf={({ key }) => key} />;
}

function Timed({ spec, data, asTable, format, onPick }: Shown & { onPick: (from: string, to: string | undefined) => void }) {
  const { times, series } = useMemo(() => seriesOf(spec, data), [spec, data]);
  const pick = (index: number) => onPick(times[index] as string, times[index + 1]);
  if (!asTable) return <TimeChart label={spec.name} times={times} series={series} kind={spec.kind === "lines" ? "lines" : "bars"} format={format} onPick={pick} />;
  const columns: DataColumn<number>[] = [
    {
      name: "From",
      cell: (index) => (
        <button type="button" className="min-h-7 whitespace-nowrap text-accent-ink hover:underline" onClick={() => pick(index)}>
          {exact(new Date(times[index] as string))}
        </button>
      ),
    },
    ...series.map(({ name, values }): DataColumn<number> => ({ name, cell: (index) => format(values[index] ?? null), isNumber: true })),
  ];
  return (
    <div className="max-h-64 overflow-y-auto" tabIndex={0} role="region" aria-label={`${spec.name}, all values`}>
      <DataTable label={`${spec.name}, values`} columns={columns} rows={times.map((_, index) => index)} keyOf={String} />
    </div>
  );
}
