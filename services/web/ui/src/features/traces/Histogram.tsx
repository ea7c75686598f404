// How many traces began when, with those that failed: drag over it to zoom in.
import { type PointerEvent, useState } from "react";
import { count, shortTime } from "../../components/format";

export type Bin = { startMs: number; traces: number; errors: number };

/** Bins from the first to the last stretch of time, empty ones filled in. */
export function filled(buckets: readonly { start: string; traces: number; errors: number }[], fromMs: number, toMs: number, stepMs: number): Bin[] {
  const byStart = new Map(buckets.map((bucket) => [Date.parse(bucket.start), bucket]));
  const bins: Bin[] = [];
  for (let start = Math.floor(fromMs / stepMs) * stepMs; start < toMs && bins.length < 400; start += stepMs) {
    const found = byStart.get(start);
    bins.push({ startMs: start, traces: found?.traces ?? 0, errors: found?.errors ?? 0 });
  }
  return bins;
}

export function Histogram({ bins, stepMs, onZoom }: { bins: Bin[]; stepMs: number; onZoom: (fromMs: number, toMs: number) => void }) {
  const [drag, setDrag] = useState<[number, number]>();
  const most = Math.max(1, ...bins.map(({ traces }) => traces));
  const at = (event: PointerEvent) => {
    const { left, width } = event.currentTarget.getBoundingClientRect();
    return Math.max(0, Math.min(bins.length - 1, Math.floor(((event.clientX - left) / width) * bins.length)));
  };
  const release = () => {
    if (drag && bins.length > 0) {
      const [first, last] = [Math.min(...drag), Math.max(...drag)];
      const from = bins[first];
      const to = bins[last];
      if (from && to && last > first) onZoom(from.startMs, to.startMs + stepMs);
    }
    setDrag(undefined);
  };
  const total = bins.reduce((sum, { traces }) => sum + traces, 0);
  const last = bins.at(-1);
  return (
    <div>
    <svg
      role="img"
      aria-label={`Traces over time: ${count(total)} in ${bins.length} stretches, at most ${count(most)} in one`}
      viewBox={`0 0 ${Math.max(1, bins.length)} 40`}
      preserveAspectRatio="none"
      className="h-10 w-full cursor-crosshair touch-none"
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        setDrag([at(event), at(event)]);
      }}
      onPointerMove={(event) => drag && setDrag([drag[0], at(event)])}
      onPointerUp={release}
      onPointerCancel={() => setDrag(undefined)}
    >
      {drag && (
        <rect x={Math.min(...drag)} width={Math.abs(drag[1] - drag[0]) + 1} y={0} height={40} className="fill-accent-wash" />
      )}
      {bins.map((bin, index) => {
        const height = bin.traces === 0 ? 0 : Math.max(2, (bin.traces / most) * 38);
        const failed = (bin.errors / Math.max(1, bin.traces)) * height;
        return (
          <g key={bin.startMs}>
            <title>{`${shortTime(new Date(bin.startMs))}: ${count(bin.traces)} traces, ${count(bin.errors)} with errors`}</title>
            <rect x={index} width={1} y={0} height={40} fill="transparent" />
            <rect x={index + 0.1} width={0.8} y={40 - height} height={height - failed} className="fill-accent" opacity={0.75} />
            <rect x={index + 0.1} width={0.8} y={40 - failed} height={failed} className="fill-error" />
          </g>
        );
      })}
    </svg>
    <div aria-hidden className="flex justify-between border-t border-line text-2xs text-soft">
      <span>{bins[0] && shortTime(new Date(bins[0].startMs))}</span>
      <span>{last && shortTime(new Date(last.startMs + stepMs))}</span>
    </div>
    </div>
  );
}
