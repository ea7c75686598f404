// The smallest parts every page is made of. They fetch nothing.
import { clsx } from "clsx";
import { Check, CircleAlert, Copy, TriangleAlert } from "lucide-react";
import { type ButtonHTMLAttributes, type ReactNode, useEffect, useRef, useState, useSyncExternalStore } from "react";
import { ago, exact } from "./format";

type Look = "plain" | "primary" | "quiet" | "danger";
const LOOKS: Record<Look, string> = {
  plain: "border border-line bg-raised hover:bg-hover",
  primary: "border border-transparent bg-accent text-on-accent hover:opacity-90 font-medium",
  quiet: "border border-transparent text-soft hover:bg-hover hover:text-ink",
  danger: "border border-line bg-raised text-error hover:bg-error-wash",
};

export function Button({
  look = "plain",
  className,
  ...rest
}: ButtonHTMLAttributes<HTMLButtonElement> & { look?: Look }) {
  return (
    <button
      type="button"
      {...rest}
      className={clsx(
        "inline-flex h-8 items-center justify-center gap-1.5 rounded-md px-2.5 whitespace-nowrap transition-colors disabled:opacity-50",
        LOOKS[look],
        className,
      )}
    />
  );
}

/** A button that is only a picture; `label` is its name for who can't see it, and its tooltip. */
export function IconButton({
  label,
  className,
  children,
  ...rest
}: ButtonHTMLAttributes<HTMLButtonElement> & { label: string }) {
  return (
    <button
      type="button"
      aria-label={label}
      title={label}
      {...rest}
      className={clsx(
        "inline-flex size-8 shrink-0 items-center justify-center rounded-md text-soft transition-colors hover:bg-hover hover:text-ink disabled:opacity-40",
        className,
      )}
    >
      {children}
    </button>
  );
}

export function CopyButton({ text, label }: { text: string; label: string }) {
  const [done, setDone] = useState(false);
  const timer = useRef<number>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  const copy = async () => {
    await navigator.clipboard.writeText(text);
    setDone(true);
    timer.current = window.setTimeout(() => setDone(false), 1500);
  };
  return (
    <IconButton label={done ? "Copied" : label} onClick={copy} className="size-7">
      {done ? <Check className="size-3.5 text-ok" /> : <Copy className="size-3.5" />}
    </IconButton>
  );
}

let clockNow = Date.now();
const listeners = new Set<() => void>();
setInterval(() => {
  clockNow = Date.now();
  for (const listener of listeners) listener();
}, 10_000);

function useNow(): number {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => clockNow,
  );
}

/** A relative time that says the exact one on hover, and to screen readers. */
export function Ago({ time }: { time: string }) {
  const moment = new Date(time);
  return (
    <time dateTime={time} title={exact(moment)} className="whitespace-nowrap">
      {ago(moment, Math.max(useNow(), moment.getTime()))}
    </time>
  );
}

/** A level in words and shape, never by colour alone. Nothing for what is usual. */
export function Level({ level, count }: { level: string; count?: number }) {
  if (level !== "ERROR" && level !== "WARNING") return null;
  const Icon = level === "ERROR" ? CircleAlert : TriangleAlert;
  return (
    <span
      className={clsx(
        "inline-flex items-center gap-1 rounded px-1.5 py-px text-2xs font-medium",
        level === "ERROR" ? "bg-error-wash text-error" : "bg-warning-wash text-warning",
      )}
    >
      <Icon aria-hidden className="size-3" />
      {count !== undefined && count > 1 ? `${count} ` : ""}
      {level === "ERROR" ? "error" : "warning"}
      {count !== undefined && count > 1 ? "s" : ""}
    </span>
  );
}

export function Tag({ children, mono = false }: { children: ReactNode; mono?: boolean }) {
  return (
    <span
      className={clsx(
        "inline-flex max-w-56 items-center truncate rounded border border-line bg-sunken px-1.5 text-2xs leading-5 text-soft",
        mono && "font-mono",
      )}
    >
      {children}
    </span>
  );
}

export function Skeleton({ className }: { className?: string }) {
  return <div aria-hidden className={clsx("animate-pulse rounded bg-hover", className)} />;
}

export function Kbd({ children }: { children: ReactNode }) {
  return (
    <kbd className="rounded border border-line bg-sunken px-1 font-mono text-2xs text-soft">{children}</kbd>
  );
}

/** Says why there is nothing, and offers one thing to do. */
export function Empty({ title, children, action, isPage = false }: { title: string; children?: ReactNode; action?: ReactNode; isPage?: boolean }) {
  const Title = isPage ? "h1" : "h2";
  return (
    <div className="mx-auto flex max-w-md flex-col items-center gap-2 px-6 py-16 text-center">
      <Title className="text-base font-semibold">{title}</Title>
      <div className="text-soft">{children}</div>
      {action && <div className="mt-2">{action}</div>}
    </div>
  );
}

export function Problem({ error, onRetry }: { error: Error; onRetry?: () => void }) {
  return (
    <div role="alert" className="m-4 flex items-start gap-3 rounded-md border border-line bg-error-wash px-4 py-3 text-error">
      <CircleAlert aria-hidden className="mt-0.5 size-4 shrink-0" />
      <div className="flex-1 text-ink">{error.message}</div>
      {onRetry && <Button onClick={onRetry}>Try again</Button>}
    </div>
  );
}

export const FIELD =
  "h-8 w-full rounded-md border border-line bg-raised px-2.5 placeholder:text-soft focus-visible:outline-2";
