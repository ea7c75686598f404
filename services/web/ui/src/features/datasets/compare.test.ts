import { describe, expect, it } from "vitest";
import { delta, scoreNames } from "./compare";

describe("delta", () => {
  it.each([
    [null, 1],
    [1, null],
    [undefined, undefined],
    [1, 1],
    [0.1 + 0.2, 0.3],
    [0, 0],
  ])("of %j against %j is none", (value, first) => {
    expect(delta(value, first, "more")).toBeUndefined();
  });

  it.each([
    [3, 1, "more", { amount: 2, isBetter: true }],
    [1, 3, "more", { amount: -2, isBetter: false }],
    [3, 1, "less", { amount: 2, isBetter: false }],
    [1, 3, "less", { amount: -2, isBetter: true }],
    [3, 1, "none", { amount: 2, isBetter: undefined }],
    [0, 1, "less", { amount: -1, isBetter: true }],
  ] as const)("of %j against %j, where %s is good", (value, first, good, expected) => {
    expect(delta(value, first, good)).toEqual(expected);
  });
});

describe("scoreNames", () => {
  it("names each once, as they come", () => {
    expect(scoreNames([[{ name: "b" }, { name: "a" }], [], [{ name: "a" }, { name: "c" }]])).toEqual(["b", "a", "c"]);
  });
});
