// References to files that SDKs put in place of them.

export type Piece = { kind: "text"; text: string } | { kind: "media"; id: string; contentType: string };

const REFERENCE = /@@@(?:langfuse|elasticdash)Media:([^@]*)@@@/g;
const ID = /^[\w-]{1,200}$/;
/** A page asks for each file: a text that names more keeps the rest as words. */
export const MAX_MEDIA = 50;

/** A text taken apart at its references; without any it is one piece. What only looks like a reference stays text. */
export function piecesOf(text: string): Piece[] {
  const pieces: Piece[] = [];
  let media = 0;
  let end = 0;
  for (const found of text.matchAll(REFERENCE)) {
    const id = fieldOf(found[1] ?? "", "id");
    if (id === undefined || !ID.test(id) || media === MAX_MEDIA) continue;
    if (found.index > end) pieces.push({ kind: "text", text: text.slice(end, found.index) });
    pieces.push({ kind: "media", id, contentType: fieldOf(found[1] ?? "", "type") ?? "unknown type" });
    end = found.index + found[0].length;
    media += 1;
  }
  if (end < text.length || pieces.length === 0) pieces.push({ kind: "text", text: text.slice(end) });
  return pieces;
}

function fieldOf(fields: string, name: string): string | undefined {
  return fields.split("|").find((field) => field.startsWith(`${name}=`))?.slice(name.length + 1);
}

/** Bytes as people say them. */
export function fileSize(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  const [amount, unit] = bytes < 1e6 ? [bytes / 1e3, "kB"] : bytes < 1e9 ? [bytes / 1e6, "MB"] : [bytes / 1e9, "GB"];
  return `${amount < 10 ? amount.toFixed(1) : Math.round(amount)} ${unit}`;
}
