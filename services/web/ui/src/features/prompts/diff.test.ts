import { describe, expect, it } from "vitest";
import { diff, linesOf } from "./diff";

const shown = (before: string, after: string) =>
  diff([...before], [...after])
    .map(({ kind, text }) => ({ same: " ", added: "+", removed: "-" })[kind] + text)
    .join("");

describe("diff", () => {
  it.each([
    ["", "", ""],
    ["abc", "abc", " a b c"],
    ["", "ab", "+a+b"],
    ["ab", "", "-a-b"],
    ["abcd", "acd", " a-b c d"],
    ["acd", "abcd", " a+b c d"],
    ["abcabba", "cbabac", "-a-b c-a b+a b a+c"],
    ["aaa", "aa", " a a-a"],
  ])("leads from %j to %j", (before, after, lines) => {
    expect(shown(before, after)).toBe(lines);
  });

  it("shows too many lines as replaced, and keeps what both begin and end with", () => {
    const before = ["first", ...Array.from({ length: 3000 }, (_, index) => `old ${index}`), "last"];
    const after = ["first", ...Array.from({ length: 3000 }, (_, index) => `new ${index}`), "last"];

    const lines = diff(before, after);

    expect(lines.filter(({ kind }) => kind === "same").map(({ text }) => text)).toEqual(["first", "last"]);
    expect(lines).toHaveLength(6002);
  });
});

describe("linesOf", () => {
  it("puts messages under their role and the config at the end", () => {
    const prompt = [{ role: "system", content: "Be\nkind" }, { type: "placeholder", name: "history" }, { role: "user", content: [{ type: "text" }] }];

    expect(linesOf(prompt, { temperature: 0 })).toEqual(
      ["system:", "Be", "kind", "", "placeholder history", "", "user:", "[", "  {", '    "type": "text"', "  }", "]", "", "", "config:", "{", '  "temperature": 0', "}"],
    );
  });

  it("takes a text as it is", () => {
    expect(linesOf("a\nb", {})).toEqual(["a", "b"]);
  });
});
