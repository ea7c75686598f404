// What experiments say as a whole: a column each, and how far the later ones are from the first.
import { Link } from "@tanstack/react-router";
import { X } from "lucide-react";
import { clsx } from "clsx";
import { cost, count, duration, shortCount } from "../../components/format";
import { delta, type Direction, scoreNames } from "./compare";
import { scoreNumber, scoreText, signed } from "./figures";
import type { Summary } from "./queries";
import { comparedSearch } from "./search";

type Figure = { name: string; of: (run: Summary) => number | null; format: (value: number) => string; good: Direction };

const FIGURES: readonly Figure[] = [
  { name: "Items", of: ({ items }) => items, format: count, good: "none" },
  { name: "Items with errors", of: ({ errors }) => errors, format: count, good: "less" },
  { name: "Average latency", of: ({ averageLatencySeconds }) => averageLatencySeconds, format: duration, good: "less" },
  { name: "Total cost", of: ({ totalCostUsd }) => totalCostUsd, format: cost, good: "less" },
  { name: "Total tokens", of: ({ totalTokens }) => totalTokens, format: shortCount, good: "less" },
];

export function FiguresTable({ projectId, runs }: { projectId: string; runs: Summary[] }) {
  const averages = scoreNames(runs.map(({ figures }) => figures));
  const given = scoreNames(runs.map(({ scores }) => scores));
  return (
    <div className="relative overflow-x-auto rounded-lg border border-line" role="group" aria-label="Figures" tabIndex={0}>
      <table className="w-full max-md:min-w-max" aria-label="Figures">
        <thead className="bg-sunken">
          <tr>
            <th scope="col" className="px-3 py-1 text-left text-2xs font-medium text-soft">
              Figure
            </th>
            {runs.map((run) => (
              <th key={run.id} scope="col" className="h-10 px-3 py-1 text-right font-medium">
                <RunHead projectId={projectId} run={run} runs={runs} />
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {FIGURES.map((figure) => (
            <Row key={figure.name} name={figure.name} runs={runs} cell={(run, first) => <Number figure={figure} run={run} first={first} />} />
          ))}
          {averages.map((name) => (
            <Row key={name} name={name} kind="average" runs={runs} cell={(run, first) => <Average name={name} run={run} first={first} />} />
          ))}
          {given.map((name) => (
            <Row
              key={name}
              name={name}
              kind="of the whole"
              runs={runs}
              cell={({ scores }) => {
                const score = scores.find((each) => each.name === name);
                return score ? scoreText(score) : "–";
              }}
            />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function RunHead({ projectId, run, runs }: { projectId: string; run: Summary; runs: Summary[] }) {
  if (runs.length === 1) return "This experiment";
  const others = runs.filter(({ id }) => id !== run.id).map(({ id }) => id);
  return (
    <span className="inline-flex max-w-64 items-center gap-1">
      <Link to="/project/$projectId/experiments/results" params={{ projectId }} search={{ baseline: run.id }} className="min-w-0 truncate text-accent-ink hover:underline">
        {run.name}
      </Link>
      <Link
        to="/project/$projectId/experiments/results"
        params={{ projectId }}
        search={comparedSearch(others)}
        aria-label={`Take ${run.name} away`}
        title={`Take ${run.name} away`}
        className="inline-flex size-7 shrink-0 items-center justify-center rounded-md text-soft hover:bg-hover hover:text-ink"
      >
        <X aria-hidden className="size-3.5" />
      </Link>
    </span>
  );
}

function Row({ name, kind, runs, cell }: { name: string; kind?: string; runs: Summary[]; cell: (run: Summary, first: Summary | undefined) => React.ReactNode }) {
  return (
    <tr className="border-t border-line hover:bg-hover">
      <th scope="row" className="h-9 px-3 text-left font-normal">
        {name} {kind && <span className="text-2xs text-soft">{kind}</span>}
      </th>
      {runs.map((run, index) => (
        <td key={run.id} className="px-3 text-right whitespace-nowrap">
          {cell(run, index === 0 ? undefined : runs[0])}
        </td>
      ))}
    </tr>
  );
}

function Number({ figure: { of, format, good }, run, first }: { figure: Figure; run: Summary; first: Summary | undefined }) {
  const value = of(run);
  return (
    <>
      <Change value={value} first={first && of(first)} good={good} format={format} /> {value === null ? "–" : format(value)}
    </>
  );
}

function Average({ name, run, first }: { name: string; run: Summary; first: Summary | undefined }) {
  const of = ({ figures }: Summary) => figures.find((each) => each.name === name);
  const figure = of(run);
  if (!figure) return "–";
  if (figure.average === null) return figure.text === null ? `${count(figure.scores)} texts` : `mostly ${figure.text}`;
  return (
    <>
      <Change value={figure.average} first={first && of(first)?.average} good="none" format={scoreNumber} /> {scoreNumber(figure.average)}
    </>
  );
}

/** How far from the first; in words where one way is better. */
export function Change({ value, first, good, format }: { value: number | null; first: number | null | undefined; good: Direction; format: (value: number) => string }) {
  const change = delta(value, first, good);
  if (!change) return null;
  const { amount, isBetter } = change;
  return (
    <span className={clsx("mr-1.5 text-2xs", isBetter === undefined ? "text-soft" : isBetter ? "text-ok" : "text-error")}>
      {signed(amount, format)}
      {isBetter !== undefined && (isBetter ? " better" : " worse")}
    </span>
  );
}
