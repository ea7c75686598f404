import { describe, expect, it } from "vitest";
import { parseValue, textOf, textsOf } from "./address";

describe("parseValue", () => {
  it.each(["123e456789012345", "9007199254740993", "0123456789012345", "1e3", "12.0", "bare"])("refuses %s, which would not come back as it was", (text) => {
    expect(() => parseValue(text)).toThrow();
  });

  it.each([
    ["12", 12],
    ["[1, 2]", [1, 2]],
    ['{"a":"b"}', { a: "b" }],
    ['"12"', "12"],
    ["true", true],
  ])("reads %s", (text, value) => {
    expect(parseValue(text)).toEqual(value);
  });
});

describe("textOf", () => {
  it.each([undefined, null, "", {}, [], true])("finds no text in %j", (value) => {
    expect(textOf(value)).toBeUndefined();
  });

  it.each([
    [1234567890123456, "1234567890123456"],
    ["0a", "0a"],
  ])("reads %j as %s", (value, text) => {
    expect(textOf(value)).toBe(text);
  });
});

describe("textsOf", () => {
  it.each([
    [undefined, []],
    ["a", ["a"]],
    [7, ["7"]],
    [["a", 7, null], ["a", "7"]],
  ])("reads %j as %j", (value, texts) => {
    expect(textsOf(value)).toEqual(texts);
  });
});
