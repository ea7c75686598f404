// A page with a title whose content scrolls.
import { type ReactNode, useEffect } from "react";

export function Page({ title, action, children }: { title: string; action?: ReactNode; children: ReactNode }) {
  useEffect(() => {
    document.title = `${title} · ElasticDash`;
  }, [title]);
  return (
    <div className="flex min-h-0 flex-1 flex-col overflow-y-auto">
      <div className="flex flex-wrap items-center gap-2 px-4 py-2.5">
        <h1 className="flex-1 text-base font-semibold">{title}</h1>
        {action}
      </div>
      <div className="flex flex-col gap-4 px-4 pb-8">{children}</div>
    </div>
  );
}
