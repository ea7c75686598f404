import { describe, expect, it } from "vitest";
import { fileSize, MAX_MEDIA, piecesOf } from "./media";

const reference = (id: string, type = "image/png") => `@@@langfuseMedia:type=${type}|id=${id}|source=bytes@@@`;

describe("piecesOf", () => {
  it.each([
    "",
    "words",
    "@@@langfuseMedia:@@@",
    "@@@langfuseMedia:type=image/png|source=bytes@@@",
    "@@@otherMedia:id=a@@@",
    "@@@langfuseMedia:id=a",
    reference("../../api-keys"),
    reference(".."),
    reference("a/b"),
    reference("a?b"),
    reference(""),
    reference("x".repeat(201)),
  ])("leaves %j as it is", (text) => {
    expect(piecesOf(text)).toEqual([{ kind: "text", text }]);
  });

  it("finds references of both names between words", () => {
    const ours = reference("b_-2", "audio/wav").replace("langfuse", "elasticdash");

    expect(piecesOf(`see ${reference("a1")}${ours} there`)).toEqual([
      { kind: "text", text: "see " },
      { kind: "media", id: "a1", contentType: "image/png" },
      { kind: "media", id: "b_-2", contentType: "audio/wav" },
      { kind: "text", text: " there" },
    ]);
  });

  it("keeps what is beyond the bound as words", () => {
    const pieces = piecesOf(reference("a").repeat(MAX_MEDIA + 2));

    expect(pieces.filter(({ kind }) => kind === "media")).toHaveLength(MAX_MEDIA);
    expect(pieces.at(-1)).toEqual({ kind: "text", text: reference("a").repeat(2) });
  });
});

describe("fileSize", () => {
  it.each([
    [0, "0 B"],
    [999, "999 B"],
    [1234, "1.2 kB"],
    [56_789, "57 kB"],
    [2_500_000, "2.5 MB"],
    [3e9, "3.0 GB"],
  ])("says %d bytes as %s", (bytes, said) => {
    expect(fileSize(bytes)).toBe(said);
  });
});
