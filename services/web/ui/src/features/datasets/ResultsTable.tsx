// Items as rows, experiments as columns: the start of what each answered, with its scores, and the way to its trace.
import { Link } from "@tanstack/react-router";
import { Level } from "../../components/basics";
import { cost, duration } from "../../components/format";
import { scoreText } from "./figures";
import type { ComparedItem, Result, Summary } from "./queries";

export function ResultsTable({ projectId, runs, items }: { projectId: string; runs: Summary[]; items: ComparedItem[] }) {
  return (
    <div className="relative overflow-x-auto rounded-lg border border-line" role="group" aria-label="Results" tabIndex={0}>
      <table className="w-full max-md:min-w-max" aria-label="Results">
        <thead className="bg-sunken text-2xs text-soft">
          <tr>
            {["Input", "Expected output"].map((name) => (
              <th key={name} scope="col" className="px-3 py-1 text-left font-medium">
                {name}
              </th>
            ))}
            {runs.map(({ id, name }) => (
              <th key={id} scope="col" className="max-w-80 truncate px-3 py-1 text-left font-medium">
                {runs.length === 1 ? "Output" : name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {items.map((item) => (
            <tr key={item.itemId} className="border-t border-line align-top">
              <td className="max-w-80 min-w-48 px-3 py-2">
                <Start text={item.input} />
                <Name projectId={projectId} item={item} datasetId={runs.find(({ datasetName }) => datasetName !== null)?.datasetId} />
              </td>
              <td className="max-w-80 min-w-40 px-3 py-2">
                <Start text={item.expectedOutput} />
              </td>
              {runs.map(({ id }) => (
                <td key={id} className="max-w-96 min-w-56 px-3 py-2">
                  <Made projectId={projectId} results={item.results.filter(({ runId }) => runId === id)} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Name({ projectId, item: { itemId }, datasetId }: { projectId: string; item: ComparedItem; datasetId: string | null | undefined }) {
  if (!datasetId) return <span className="font-mono text-2xs break-all text-soft">{itemId}</span>;
  return (
    <Link to="/project/$projectId/datasets/$datasetId/items/$" params={{ projectId, datasetId, _splat: itemId }} className="inline-flex min-h-6 items-center font-mono text-2xs break-all text-accent-ink hover:underline">
      {itemId}
    </Link>
  );
}

function Made({ projectId, results }: { projectId: string; results: Result[] }) {
  if (results.length === 0) return <span className="text-soft italic">not run</span>;
  return (
    <ul className="flex flex-col gap-3">
      {results.map((result) => (
        <li key={`${result.traceId} ${result.observationId ?? ""}`} className="flex flex-col gap-1">
          <Start text={result.output} />
          <span className="flex flex-wrap items-center gap-x-3 text-2xs text-soft">
            <Level level={result.errors > 0 ? "ERROR" : "DEFAULT"} count={result.errors} />
            {result.scores.map((score, index) => (
              <span key={index}>
                {score.name} <span className="font-medium text-ink">{scoreText(score)}</span>
              </span>
            ))}
            <span>{duration(result.latencySeconds)}</span>
            <span>{cost(result.totalCostUsd)}</span>
            <Link
              to="/project/$projectId/traces/$traceId"
              params={{ projectId, traceId: result.traceId }}
              search={result.observationId ? { observation: result.observationId } : {}}
              className="inline-flex min-h-6 items-center text-accent-ink hover:underline"
            >
              Trace
            </Link>
          </span>
        </li>
      ))}
    </ul>
  );
}

/** The beginning of a text, as it was sent. */
function Start({ text }: { text: string | null }) {
  if (text === null) return <span className="text-soft italic">none</span>;
  return <div className="line-clamp-6 break-words whitespace-pre-wrap">{text}</div>;
}
