// How numbers and times look: one place, so that they look the same everywhere.

const DASH = "–";
const whole = new Intl.NumberFormat("en");
const compact = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 });
const exactTime = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "medium" });
const clock = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit" });
const dayAndClock = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });
const relative = new Intl.RelativeTimeFormat("en", { numeric: "auto", style: "short" });

export function count(value: number): string {
  return whole.format(value);
}

export function shortCount(value: number): string {
  return value < 10_000 ? whole.format(value) : compact.format(value);
}

/** Seconds as `340 ms`, `1.24 s`, `2 m 05 s` or `3 h 10 m`. */
export function duration(seconds: number | null | undefined): string {
  if (seconds === null || seconds === undefined) return DASH;
  if (seconds < 0.001) return `${Math.round(seconds * 1_000_000)} µs`;
  if (seconds < 1) return `${Math.round(seconds * 1000)} ms`;
  if (seconds < 60) return `${seconds.toFixed(seconds < 10 ? 2 : 1)} s`;
  const total = Math.round(seconds);
  const hours = Math.floor(total / 3600);
  const minutes = Math.floor((total % 3600) / 60);
  const two = (part: number) => String(part).padStart(2, "0");
  return hours > 0 ? `${hours} h ${two(minutes)} m` : `${minutes} m ${two(total % 60)} s`;
}

/** US dollars with as many digits as say something. */
export function cost(usd: number | null | undefined): string {
  if (usd === null || usd === undefined) return DASH;
  if (usd === 0) return "$0";
  const digits = Math.abs(usd) >= 1 ? 2 : Math.abs(usd) >= 0.01 ? 4 : 6;
  return `$${usd.toFixed(digits)}`;
}

export function tokens(value: number | null | undefined): string {
  return value ? shortCount(value) : DASH;
}

export function percent(share: number): string {
  return `${(share * 100).toFixed(share > 0 && share < 0.1 ? 1 : 0)} %`;
}

export function exact(moment: Date): string {
  return `${exactTime.format(moment)}.${String(moment.getMilliseconds()).padStart(3, "0")}`;
}

export function clockTime(moment: Date): string {
  return clock.format(moment);
}

export function shortTime(moment: Date): string {
  return dayAndClock.format(moment);
}

const STEPS: readonly (readonly [Intl.RelativeTimeFormatUnit, number])[] = [
  ["year", 31_536_000],
  ["month", 2_592_000],
  ["day", 86_400],
  ["hour", 3600],
  ["minute", 60],
];

/** `5 min. ago`; `just now` within a few seconds. */
export function ago(moment: Date, now: number): string {
  const seconds = (moment.getTime() - now) / 1000;
  const step = STEPS.find(([, length]) => Math.abs(seconds) >= length);
  if (step) return relative.format(Math.round(seconds / step[1]), step[0]);
  return Math.abs(seconds) < 5 ? "just now" : relative.format(Math.round(seconds), "second");
}
