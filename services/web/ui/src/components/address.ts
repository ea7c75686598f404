// What addresses hold, read with care: ids are texts even where they look like numbers.

/** A value of the query as the text it was: `123` comes as a number, and is an id all the same. */
export function textOf(value: unknown): string | undefined {
  if (typeof value === "number") return String(value);
  return typeof value === "string" && value !== "" ? value : undefined;
}

/** A list of texts, however it was written: once, repeated, or as JSON. */
export function textsOf(value: unknown): string[] {
  const list: unknown[] = Array.isArray(value) ? value : [value];
  return list.map(textOf).filter((text) => text !== undefined);
}

/** JSON for a value of the query, without numbers that would lose a digit: `1e999` and long ids stay texts. */
export function parseValue(text: string): unknown {
  const value: unknown = JSON.parse(text);
  if (typeof value === "number" && String(value) !== text) throw new Error("This is an id, not a number");
  return value;
}
