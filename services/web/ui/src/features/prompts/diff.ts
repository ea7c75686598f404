// What changed between two versions, line by line.

export type Line = { kind: "same" | "added" | "removed"; text: string };

// The table below has a cell for each pair of lines: past this, the middle is shown as replaced.
const MAX_CELLS = 4_000_000;

/** A version as lines: the text, or every message under its role, then the config. */
export function linesOf(prompt: unknown, config: unknown): string[] {
  const said = Array.isArray(prompt) ? prompt.flatMap(messageLines) : String(prompt).split("\n");
  const hasConfig = typeof config === "object" && config !== null && Object.keys(config).length > 0;
  return hasConfig ? [...said, "", "config:", ...JSON.stringify(config, null, 2).split("\n")] : said;
}

/** The lines of both, in order: the fewest removed and added that lead from one to the other. */
export function diff(before: readonly string[], after: readonly string[]): Line[] {
  let start = 0;
  while (start < before.length && start < after.length && before[start] === after[start]) start += 1;
  let end = 0;
  while (end < before.length - start && end < after.length - start && before.at(-1 - end) === after.at(-1 - end)) end += 1;
  return [
    ...before.slice(0, start).map((text): Line => ({ kind: "same", text })),
    ...middle(before.slice(start, before.length - end), after.slice(start, after.length - end)),
    ...before.slice(before.length - end).map((text): Line => ({ kind: "same", text })),
  ];
}

function middle(before: readonly string[], after: readonly string[]): Line[] {
  const removed = before.map((text): Line => ({ kind: "removed", text }));
  const added = after.map((text): Line => ({ kind: "added", text }));
  if (before.length === 0 || after.length === 0 || before.length * after.length > MAX_CELLS) return [...removed, ...added];
  const common = longestCommon(before, after);
  const width = after.length + 1;
  const lines: Line[] = [];
  let [row, column] = [0, 0];
  while (row < before.length && column < after.length) {
    if (before[row] === after[column]) {
      lines.push({ kind: "same", text: before[row] as string });
      row += 1;
      column += 1;
    } else if ((common[(row + 1) * width + column] as number) >= (common[row * width + column + 1] as number)) {
      lines.push(removed[row] as Line);
      row += 1;
    } else {
      lines.push(added[column] as Line);
      column += 1;
    }
  }
  return [...lines, ...removed.slice(row), ...added.slice(column)];
}

/** How many lines the rests of both from each pair of positions on have in common, row by row. */
function longestCommon(before: readonly string[], after: readonly string[]): Uint32Array {
  const width = after.length + 1;
  const common = new Uint32Array((before.length + 1) * width);
  for (let row = before.length - 1; row >= 0; row -= 1) {
    for (let column = after.length - 1; column >= 0; column -= 1) {
      const at = row * width + column;
      common[at] =
        before[row] === after[column] ? (common[at + width + 1] as number) + 1 : Math.max(common[at + width] as number, common[at + 1] as number);
    }
  }
  return common;
}

function messageLines(message: unknown): string[] {
  const { type, name, role, content } = (message ?? {}) as Record<string, unknown>;
  if (type === "placeholder") return [`placeholder ${String(name)}`, ""];
  const text = typeof content === "string" ? content : JSON.stringify(content, null, 2);
  return [`${String(role)}:`, ...text.split("\n"), ""];
}
