// Langfuse's JavaScript SDK 3.x: links the items of a dataset to traces, and reads the run back.
import { Langfuse } from "langfuse";
import { report, sent } from "./scenario.mjs";

const langfuse = new Langfuse();
await langfuse.createDataset({ name: sent.dataset, description: "questions", metadata: { team: "search" } });
for (const { id, input, expected, metadata } of sent.items) {
  await langfuse.createDatasetItem({ datasetName: sent.dataset, id, input, expectedOutput: expected, metadata });
}
const dataset = await langfuse.getDataset(sent.dataset);
for (const item of dataset.items) {
  const trace = langfuse.trace({ name: "answer", input: item.input });
  const span = trace.span({ name: "think", input: item.input });
  span.end({ output: item.input.n * 2 });
  trace.update({ output: item.input.n * 2 });
  await item.link(span, sent.run, { description: "why", metadata: { model: "m" } });
  trace.score({ name: "right", value: 1 });
}
await langfuse.flushAsync();
report({
  items: dataset.items.map(({ id, input, expectedOutput }) => ({ id, input, expected: expectedOutput })),
  run: await langfuse.getDatasetRun({ datasetName: sent.dataset, runName: sent.run }),
  runs: (await langfuse.getDatasetRuns(sent.dataset)).data.map(({ name }) => name),
});
await langfuse.shutdownAsync();
