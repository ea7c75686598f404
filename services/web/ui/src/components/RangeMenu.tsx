// Chooses the stretch of time a page is about.
import { Button } from "./basics";
import { shortTime } from "./format";
import { Menu, MenuItem } from "./menu";
import { DEFAULT_RANGE, type Range, RANGES, type RangeSearch } from "./range";

export function rangeName(search: RangeSearch): string {
  if (search.from && search.to) return `${shortTime(new Date(search.from))} – ${shortTime(new Date(search.to))}`;
  return RANGES[search.range ?? DEFAULT_RANGE].name;
}

export function RangeMenu({ search, onChange }: { search: RangeSearch; onChange: (range: Range) => void }) {
  return (
    <Menu align="end" trigger={<Button>{rangeName(search)}</Button>}>
      {(Object.keys(RANGES) as Range[]).map((range) => (
        <MenuItem key={range} onSelect={() => onChange(range)}>
          {RANGES[range].name}
        </MenuItem>
      ))}
    </Menu>
  );
}
