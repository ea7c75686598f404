// Charts of our own: marks in SVG, words in HTML, and a table that says the same.
import { clsx } from "clsx";
import { type ReactNode, useState } from "react";
import { shortTime } from "./format";

export type Series = { name: string; values: readonly (number | null)[] };
export type Format = (value: number | null) => string;

const COLOURS = ["var(--series-1)", "var(--series-2)", "var(--series-3)", "var(--series-4)", "var(--series-5)", "var(--series-6)"];
const HEIGHT = 120;
const STEP = 10;

export const colourOf = (index: number) => COLOURS[index % COLOURS.length] as string;

/** Values over time, stacked as bars or side by side as lines. `times` are starts of buckets. */
export function TimeChart({
  label,
  times,
  series,
  kind,
  format,
  onPick,
}: {
  label: string;
  times: readonly string[];
  series: readonly Series[];
  kind: "bars" | "lines";
  format: Format;
  onPick?: (index: number) => void;
}) {
  const [active, setActive] = useState<number>();
  const sums = times.map((_, index) => series.reduce((sum, { values }) => sum + (values[index] ?? 0), 0));
  const most = kind === "bars" ? Math.max(0, ...sums) : Math.max(0, ...series.flatMap(({ values }) => values.map((value) => value ?? 0)));
  const y = (value: number) => HEIGHT - (most === 0 ? 0 : (value / most) * (HEIGHT - 4));
  const at = active ?? times.length - 1;
  return (
    <figure className="flex flex-col gap-1">
      <div className="flex gap-2">
        <div aria-hidden className="flex w-12 shrink-0 flex-col justify-between text-right text-2xs text-soft">
          <span>{format(most)}</span>
          <span>{format(0)}</span>
        </div>
        <svg
          role="img"
          aria-label={`${label}, ${times.length} points in time, at most ${format(most)}`}
          viewBox={`0 0 ${Math.max(1, times.length) * STEP} ${HEIGHT}`}
          preserveAspectRatio="none"
          className={clsx("h-30 w-full min-w-0 border-b border-line", onPick && "cursor-pointer")}
          onPointerLeave={() => setActive(undefined)}
        >
          {kind === "bars" ? <Bars series={series} times={times} y={y} /> : <Lines series={series} y={y} />}
          {times.map((time, index) => (
            <rect
              key={time}
              x={index * STEP}
              width={STEP}
              height={HEIGHT}
              fill={index === active ? "var(--ink)" : "transparent"}
              opacity={index === active ? 0.08 : 1}
              onPointerEnter={() => setActive(index)}
              onClick={() => onPick?.(index)}
            />
          ))}
        </svg>
      </div>
      <div aria-hidden className="ml-14 flex justify-between text-2xs text-soft">
        <span>{times[0] && shortTime(new Date(times[0]))}</span>
        <span>{times.length > 1 && shortTime(new Date(times.at(-1) as string))}</span>
      </div>
      <figcaption className="mt-1 flex flex-wrap gap-x-3 gap-y-0.5 text-2xs">
        <span className="text-soft">{times[at] && shortTime(new Date(times[at] as string))}</span>
        {series.map(({ name, values }, index) => (
          <span key={name} className="inline-flex items-center gap-1">
            <span aria-hidden className="size-2 rounded-xs" style={{ background: colourOf(index) }} />
            {name} <span className="text-soft">{format(values[at] ?? null)}</span>
          </span>
        ))}
      </figcaption>
    </figure>
  );
}

function Bars({ series, times, y }: { series: readonly Series[]; times: readonly string[]; y: (value: number) => number }) {
  return times.map((time, index) => {
    let below = 0;
    return (
      <g key={time}>
        {series.map(({ name, values }, position) => {
          const value = values[index] ?? 0;
          const top = y(below + value);
          const height = y(below) - top;
          below += value;
          return value > 0 && <rect key={name} x={index * STEP + 1} width={STEP - 2} y={top} height={Math.max(height, 1)} fill={colourOf(position)} />;
        })}
      </g>
    );
  });
}

function Lines({ series, y }: { series: readonly Series[]; y: (value: number) => number }) {
  return series.map(({ name, values }, position) => {
    const points = values.flatMap((value, index) => (value === null ? [] : [[index * STEP + STEP / 2, y(value)] as const]));
    const path = points.map(([left, top], index) => `${index === 0 ? "M" : "L"}${left} ${top}`).join("");
    return (
      <g key={name}>
        <path d={path} fill="none" stroke={colourOf(position)} strokeWidth={1.5} vectorEffect="non-scaling-stroke" />
        {points.map(([left, top]) => (
          <path key={left} d={`M${left} ${top}h0`} stroke={colourOf(position)} strokeWidth={4} strokeLinecap="round" vectorEffect="non-scaling-stroke" />
        ))}
      </g>
    );
  });
}

/** Names with a bar each, the largest first. */
export function BarList({ label, rows, format }: { label: string; rows: readonly { name: ReactNode; key: string; value: number | null }[]; format: Format }) {
  const most = Math.max(0, ...rows.map(({ value }) => value ?? 0));
  return (
    <ul aria-label={label} className="flex flex-col gap-1">
      {rows.map(({ key, name, value }) => (
        <li key={key} className="flex flex-col">
          <div className="flex items-baseline justify-between gap-2">
            <span className="min-w-0 truncate">{name}</span>
            <span className="text-soft">{format(value)}</span>
          </div>
          <div aria-hidden className="h-1.5 rounded-sm bg-hover">
            <div className="h-full rounded-sm bg-accent" style={{ width: `${most === 0 ? 0 : ((value ?? 0) / most) * 100}%` }} />
          </div>
        </li>
      ))}
    </ul>
  );
}
