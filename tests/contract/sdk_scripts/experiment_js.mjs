// Langfuse's JavaScript SDK from 4.x on: runs an experiment over a dataset, and one over items of its own.
import { LangfuseClient } from "@langfuse/client";
import { LangfuseSpanProcessor } from "@langfuse/otel";
import { NodeTracerProvider } from "@opentelemetry/sdk-trace-node";
import { report, sent } from "./scenario.mjs";

const provider = new NodeTracerProvider({ spanProcessors: [new LangfuseSpanProcessor()] });
provider.register();
const langfuse = new LangfuseClient();

await langfuse.api.datasets.create({ name: sent.dataset, description: "questions", metadata: { team: "search" } });
for (const { id, input, expected, metadata } of sent.items) {
  await langfuse.api.datasetItems.create({
    datasetName: sent.dataset,
    id,
    input,
    expectedOutput: expected,
    metadata,
  });
}
const dataset = await langfuse.dataset.get(sent.dataset);
const task = async ({ input }) => input.n * 2;
await dataset.runExperiment({
  name: "doubling",
  runName: sent.run,
  description: "why",
  metadata: { model: "m" },
  task,
  evaluators: [async ({ output, expectedOutput }) => ({ name: "right", value: Number(output === expectedOutput) })],
  runEvaluators: [async ({ itemResults }) => ({ name: "all-right", value: itemResults.length })],
});
await langfuse.experiment.run({
  name: "own",
  runName: sent.ownRun,
  data: [{ input: { n: 5 }, expectedOutput: 10 }],
  task,
});
await provider.forceFlush();
await langfuse.flush();
report({
  items: dataset.items.map(({ id, input, expectedOutput }) => ({ id, input, expected: expectedOutput })),
  run: await langfuse.api.datasets.getRun(sent.dataset, sent.run),
  runs: (await langfuse.api.datasets.getRuns(sent.dataset)).data.map(({ name }) => name),
});
await langfuse.shutdown();
await provider.shutdown();
