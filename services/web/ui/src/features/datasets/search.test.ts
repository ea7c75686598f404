import { describe, expect, it } from "vitest";
import { comparedSearch, resultsSearch } from "./search";

describe("resultsSearch", () => {
  it.each([
    [{}, {}],
    [{ baseline: {}, c: [null] }, {}],
    [{ baseline: "a" }, { baseline: "a" }],
    [{ baseline: 1234567890123456 }, { baseline: "1234567890123456" }],
    [{ baseline: "a", c: "b" }, { baseline: "a", c: ["b"] }],
    [{ baseline: "a", c: ["b", 7, "a", "b"] }, { baseline: "a", c: ["b", "7"] }],
    [{ c: ["b", "c"] }, { baseline: "b", c: ["c"] }],
  ])("reads %j as %j", (search, expected) => {
    expect(resultsSearch(search)).toEqual(expected);
  });
});

describe("comparedSearch", () => {
  it("keeps as many as stand beside each other", () => {
    expect(comparedSearch(["a", "b", "c", "d", "e", "f", "g"])).toEqual({ baseline: "a", c: ["b", "c", "d", "e", "f"] });
  });
});
