import { expect, test } from "vitest";
import { said } from "./said";

test.each([
  ["no words", "[1, 2]", undefined],
  ["a number", "5", "5"],
  ["plain text", "hello", "hello"],
  ["a key that holds words", '{"question": "why?"}', "why?"],
  ["the last of a role", '[{"role":"user","content":"a"},{"role":"assistant","content":"b"},{"role":"user","content":"c"},{"role":"assistant","content":"d"}]', "c"],
  ["another role where that one is silent", '[{"role":"assistant","content":"b"}]', "b"],
])("%s", (_, text, expected) => {
  expect(said(text, "user")).toBe(expected);
});
