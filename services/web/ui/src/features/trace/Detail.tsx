// What is known of the selected observation, or of the trace itself.
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { Ago, CopyButton, Level, Problem, Skeleton as Placeholder, Tag } from "../../components/basics";
import { cost, count, duration, exact } from "../../components/format";
import { ValueView } from "../text/ValueView";
import { JsonTree } from "../text/JsonTree";
import { parsed } from "../text/messages";
import { KindIcon } from "./kinds";
import { type ObservationDetail, observationQuery, type SharedTrace, type Source, type Text, traceTextsQuery, wholeText } from "./queries";

export function TraceDetail({ source, trace, children }: { source: Source; trace: SharedTrace["trace"]; children?: ReactNode }) {
  const texts = useQuery(traceTextsQuery(source));
  return (
    <article aria-label="Trace" className="flex flex-col gap-4 p-4">
      <Heading type="TRACE" name={trace.name ?? "unnamed"} id={trace.id} />
      <Facts
        facts={[
          ["Time", <Ago key="t" time={trace.timestamp} />],
          ["Environment", trace.environment],
          ["Release", trace.release],
          ["Version", trace.version],
        ]}
      />
      {texts.isError && <Problem error={texts.error} />}
      {texts.data ? <Texts source={source} {...texts.data} /> : <Waiting />}
      {children}
    </article>
  );
}

export function ObservationPane({ source, observationId, children }: { source: Source; observationId: string; children?: ReactNode }) {
  const { data, isError, error } = useQuery(observationQuery(source, observationId));
  if (isError) return <Problem error={error} />;
  if (!data) return <Waiting />;
  return (
    <article aria-label="Observation" className="flex flex-col gap-4 p-4">
      <Heading type={data.type} name={data.name ?? "unnamed"} id={data.id} level={data.level} />
      {data.statusMessage && (
        <p className={`rounded-md px-3 py-2 whitespace-pre-wrap ${data.level === "ERROR" ? "bg-error-wash text-error" : "bg-sunken"}`}>{data.statusMessage}</p>
      )}
      <Facts
        facts={[
          ["Start", <time key="s" dateTime={data.start}>{exact(new Date(data.start))}</time>],
          ["Latency", data.latencySeconds === null ? "not ended" : duration(data.latencySeconds)],
          ["To first token", data.timeToFirstTokenSeconds === null ? null : duration(data.timeToFirstTokenSeconds)],
          ["Model", data.model],
          ["Prompt", data.promptName ? `${data.promptName} v${data.promptVersion ?? "?"}` : null],
          ["Environment", data.environment],
          ["Version", data.version],
        ]}
      />
      <Texts source={source} observationId={observationId} {...data} />
      <Receipt detail={data} />
      {data.modelParameters && data.modelParameters !== "{}" && (
        <Section title="Model parameters">
          <JsonTree value={parsed(data.modelParameters)} />
        </Section>
      )}
      {children}
    </article>
  );
}

function Heading({ type, name, id, level = "DEFAULT" }: { type: string; name: string; id: string; level?: string }) {
  return (
    <header className="flex flex-col gap-0.5">
      <div className="flex items-center gap-2">
        <KindIcon type={type} className="size-4.5" />
        <h2 className="min-w-0 text-base font-semibold">{name}</h2>
        <Tag>{type.toLowerCase()}</Tag>
        <Level level={level} />
      </div>
      <div className="flex items-center text-2xs text-soft">
        <span className="font-mono">{id}</span>
        <CopyButton text={id} label="Copy id" />
      </div>
    </header>
  );
}

function Facts({ facts }: { facts: readonly (readonly [string, ReactNode])[] }) {
  return (
    <dl className="flex flex-wrap gap-x-6 gap-y-2">
      {facts
        .filter(([, value]) => value !== null && value !== undefined && value !== "")
        .map(([name, value]) => (
          <div key={name}>
            <dt className="text-2xs text-soft">{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
    </dl>
  );
}

function Texts({
  source,
  observationId,
  input,
  output,
  metadata,
}: {
  source: Source;
  observationId?: string;
  input: Text | null;
  output: Text | null;
  metadata: Record<string, Text>;
}) {
  const keys = Object.entries(metadata);
  const whole = (field: "input" | "output") => () => wholeText(source, observationId, field);
  const of = observationId ?? source.traceId;
  return (
    <>
      <ValueView key={`${of}-input`} title="Input" text={input?.text} characters={input?.characters ?? 0} onWhole={whole("input")} />
      <ValueView key={`${of}-output`} title="Output" text={output?.text} characters={output?.characters ?? 0} onWhole={whole("output")} />
      {keys.length > 0 && (
        <Section title="Metadata">
          <JsonTree value={Object.fromEntries(keys.map(([key, { text }]) => [key, parsed(text)]))} depth={2} />
        </Section>
      )}
    </>
  );
}

/** Usage and cost as a sum that can be checked: every kind of token with what it cost. */
function Receipt({ detail }: { detail: ObservationDetail }) {
  const kinds = [...new Set([...Object.keys(detail.usage), ...Object.keys(detail.costUsd)])].filter((kind) => kind !== "total").sort();
  if (kinds.length === 0 && detail.totalCostUsd === null) return null;
  const total = detail.usage.total ?? Object.values(detail.usage).reduce((sum, units) => sum + units, 0);
  return (
    <Section title="Usage and cost">
      <table className="w-full max-w-xl">
        <thead>
          <tr className="text-2xs text-soft">
            <th className="text-left font-medium">Kind</th>
            <th className="text-right font-medium">Tokens</th>
            <th className="text-right font-medium">Per million</th>
            <th className="text-right font-medium">Cost</th>
          </tr>
        </thead>
        <tbody>
          {kinds.map((kind) => {
            const units = detail.usage[kind];
            const usd = detail.costUsd[kind];
            return (
              <tr key={kind} className="border-t border-line">
                <td className="py-1">{kind.replaceAll("_", " ")}</td>
                <td className="text-right">{units === undefined ? "–" : count(units)}</td>
                <td className="text-right text-soft">{usd !== undefined && units ? cost((usd / units) * 1e6) : "–"}</td>
                <td className="text-right">{cost(usd)}</td>
              </tr>
            );
          })}
          <tr className="border-t border-line font-medium">
            <td className="py-1">Total</td>
            <td className="text-right">{count(total)}</td>
            <td />
            <td className="text-right">{cost(detail.totalCostUsd)}</td>
          </tr>
        </tbody>
      </table>
      <p className="mt-1 text-2xs text-soft">
        {detail.totalCostUsd === null
          ? detail.model
            ? `No price is known for ${detail.model}.`
            : "No model was sent, so there is no price."
          : detail.modelId
            ? `Priced as ${detail.model ?? "the matched model"}${detail.pricingTierName ? `, tier ${detail.pricingTierName}` : ""}.`
            : "The cost was sent with the observation."}
      </p>
    </Section>
  );
}

function Section({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section aria-label={title} className="flex flex-col gap-1.5">
      <h3 className="font-semibold">{title}</h3>
      <div className="overflow-x-auto rounded-md border border-line p-2.5">{children}</div>
    </section>
  );
}

function Waiting() {
  return (
    <div aria-busy="true" className="flex flex-col gap-3 p-4">
      <Placeholder className="h-6 w-1/2" />
      <Placeholder className="h-28" />
      <Placeholder className="h-28" />
    </div>
  );
}
