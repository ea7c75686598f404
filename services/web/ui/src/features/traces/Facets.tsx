// What the traces at hand can be narrowed to, with how many of them there are.
import { useQuery } from "@tanstack/react-query";
import { ChevronRight } from "lucide-react";
import { useState } from "react";
import { Skeleton } from "../../components/basics";
import { shortCount } from "../../components/format";
import { type Facet, optionsQuery } from "./queries";
import { type Condition, chosen, type TracesSearch, toggled } from "./search";

const FACETS: readonly { facet: Facet; name: string; isOpen: boolean }[] = [
  { facet: "level", name: "Level", isOpen: true },
  { facet: "name", name: "Name", isOpen: true },
  { facet: "environment", name: "Environment", isOpen: false },
  { facet: "userId", name: "User", isOpen: false },
  { facet: "sessionId", name: "Session", isOpen: false },
  { facet: "tags", name: "Tags", isOpen: false },
  { facet: "release", name: "Release", isOpen: false },
  { facet: "version", name: "Version", isOpen: false },
];

type Props = { projectId: string; search: TracesSearch; onFilter: (filter: Condition[]) => void };

export function Facets(props: Props) {
  return (
    <aside aria-label="Narrow down" className="hidden w-52 shrink-0 overflow-y-auto border-r border-line p-2 lg:block">
      {FACETS.map(({ facet, name, isOpen }) => (
        <FacetGroup key={facet} {...props} facet={facet} name={name} startsOpen={isOpen} />
      ))}
    </aside>
  );
}

function FacetGroup({ projectId, search, onFilter, facet, name, startsOpen }: Props & { facet: Facet; name: string; startsOpen: boolean }) {
  const filter = search.filter ?? [];
  const on = chosen(filter, facet);
  const [isOpen, setOpen] = useState(startsOpen || on.length > 0);
  const { data } = useQuery({ ...optionsQuery(projectId, search, facet), enabled: isOpen });
  const offered = data?.options ?? [];
  // What is chosen stays to be switched off, also where nothing has it any more.
  const shown = [...on.filter((value) => !offered.some((option) => option.value === value)).map((value) => ({ value, traces: 0 })), ...offered];
  return (
    <details open={isOpen} onToggle={(event) => setOpen(event.currentTarget.open)} className="group">
      <summary className="flex h-7 items-center gap-1 rounded px-1 text-2xs font-semibold text-soft select-none hover:bg-hover">
        <ChevronRight aria-hidden className="size-3.5 transition-transform group-open:rotate-90" />
        {name}
        {on.length > 0 && <span className="ml-auto rounded bg-accent-wash px-1 text-accent-ink">{on.length}</span>}
      </summary>
      <div className="pb-2">
        {!data && isOpen && <Skeleton className="mx-1 my-1 h-4" />}
        {data && shown.length === 0 && <p className="px-6 text-2xs text-soft">none in these traces</p>}
        {shown.slice(0, 12).map(({ value, traces }) => (
          <label key={value} className="flex h-7 cursor-pointer items-center gap-2 rounded px-1.5 hover:bg-hover">
            <input
              type="checkbox"
              className="accent-(--accent)"
              checked={on.includes(value)}
              onChange={() => onFilter(toggled(filter, facet, value))}
            />
            <span className="min-w-0 flex-1 truncate" title={value}>
              {value}
            </span>
            <span className="text-2xs text-soft">{shortCount(traces)}</span>
          </label>
        ))}
      </div>
    </details>
  );
}
