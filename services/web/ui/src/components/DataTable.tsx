// A table of a few hundred rows at most. Longer lists have a grid of their own.
import { clsx } from "clsx";
import { ArrowDown, ArrowUp } from "lucide-react";
import type { ReactNode } from "react";

export type DataColumn<Row, Sort extends string = string> = {
  name: string;
  cell: (row: Row) => ReactNode;
  isNumber?: boolean;
  sort?: Sort;
  /** Only on screens with room for it. */
  isExtra?: boolean;
};

export function DataTable<Row, Sort extends string = string>({
  label,
  columns,
  rows,
  keyOf,
  sort,
  order = "desc",
  onSort,
}: {
  label: string;
  columns: readonly DataColumn<Row, Sort>[];
  rows: readonly Row[];
  keyOf: (row: Row) => string;
  sort?: Sort;
  order?: "asc" | "desc";
  onSort?: (sort: Sort) => void;
}) {
  const Arrow = order === "asc" ? ArrowUp : ArrowDown;
  return (
    <div className="relative overflow-x-auto rounded-lg border border-line" role="group" aria-label={label} tabIndex={0}>
      <table className="w-full max-md:min-w-max" aria-label={label}>
        <thead className="bg-sunken text-2xs text-soft">
          <tr>
            {columns.map(({ name, isNumber, isExtra, sort: by }) => (
              <th
                key={name}
                scope="col"
                aria-sort={by && by === sort ? (order === "asc" ? "ascending" : "descending") : undefined}
                className={clsx("px-3 py-1 font-medium whitespace-nowrap", isNumber ? "text-right" : "text-left", isExtra && "max-md:hidden")}
              >
                {by && onSort ? (
                  <button type="button" onClick={() => onSort(by)} className={clsx("inline-flex min-h-7 items-center gap-1 hover:text-ink", by === sort && "text-ink")}>
                    {name}
                    {by === sort && <Arrow aria-hidden className="size-3" />}
                  </button>
                ) : (
                  name || <span className="sr-only">Actions</span>
                )}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={keyOf(row)} className="border-t border-line hover:bg-hover">
              {columns.map(({ name, cell, isNumber, isExtra }, index) => (
                <td key={name} className={clsx("h-10 px-3", index === 0 && "min-w-36", isNumber && "text-right whitespace-nowrap", isExtra && "max-md:hidden")}>
                  {cell(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
