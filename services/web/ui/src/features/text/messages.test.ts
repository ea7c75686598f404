import { expect, test } from "vitest";
import { messagesOf, parsed } from "./messages";

const said = (value: unknown) => messagesOf(value)?.map(({ role, parts }) => [role, parts.map((part) => (part.kind === "text" ? part.text : part.name))]);

test.each([
  ["OpenAI", [{ role: "user", content: "hi" }], [["user", ["hi"]]]],
  ["a body with messages", { model: "m", messages: [{ role: "system", content: "s" }] }, [["system", ["s"]]]],
  ["an answer with choices", { choices: [{ message: { role: "assistant", content: "a" } }] }, [["assistant", ["a"]]]],
  ["one message", { role: "assistant", content: "a" }, [["assistant", ["a"]]]],
  ["parts", [{ role: "user", content: [{ type: "text", text: "a" }, { type: "image_url", image_url: {} }] }], [["user", ["a", "image_url"]]]],
  ["LangChain", [[{ type: "human", content: "h" }, { type: "ai", content: "a" }]], [["user", ["h"]], ["assistant", ["a"]]]],
  ["Gemini", [{ role: "model", parts: [{ text: "g" }] }], [["assistant", ["g"]]]],
  ["tool calls", [{ role: "assistant", content: null, tool_calls: [{ function: { name: "f", arguments: "{}" } }] }], [["assistant", ["calls f"]]]],
])("%s is a conversation", (_, value, expected) => {
  expect(said(value)).toEqual(expected);
});

test.each([
  ["text", "hi"],
  ["an empty list", []],
  ["rows", [{ id: 1 }, { id: 2 }]],
  ["a list that is only partly messages", [{ role: "user", content: "a" }, 5]],
  ["an unknown role", [{ role: "wizard", content: "a" }]],
  ["nothing", null],
])("%s is none", (_, value) => {
  expect(messagesOf(value)).toBeUndefined();
});

test("only whole JSON is parsed", () => {
  expect(parsed('{"a":1}')).toEqual({ a: 1 });
  expect(parsed('{"a":')).toBe('{"a":');
  expect(parsed("12")).toBe("12");
});

test("a prompt shows where it takes in other messages", () => {
  const prompt = [
    { role: "system", content: "Be kind" },
    { type: "placeholder", name: "history" },
  ];

  expect(said(prompt)).toEqual([
    ["system", ["Be kind"]],
    ["placeholder", ["{{history}}"]],
  ]);
});
