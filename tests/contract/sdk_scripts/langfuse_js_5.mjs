// Langfuse's JavaScript SDK 5.x: propagated trace attributes, reads back with every generation of the API.
import { LangfuseClient } from "@langfuse/client";
import { LangfuseSpanProcessor } from "@langfuse/otel";
import { propagateAttributes, startActiveObservation, startObservation } from "@langfuse/tracing";
import { NodeTracerProvider } from "@opentelemetry/sdk-trace-node";
import { ALL_FIELDS, OBSERVATION_COUNT, SCORE_COUNT, pictureUri, report, sent, think, until } from "./scenario.mjs";

const provider = new NodeTracerProvider({ spanProcessors: [new LangfuseSpanProcessor()] });
provider.register();
const langfuse = new LangfuseClient();

await langfuse.prompt.create({
  name: sent.promptName,
  type: "text",
  prompt: "Be kind to {{name}}.",
  labels: ["production"],
});
const prompt = await langfuse.prompt.get(sent.promptName);

async function writeAnswer() {
  const started = { model: sent.model, modelParameters: sent.modelParameters, input: sent.messages, prompt };
  const generation = startObservation("write-answer", started, { asType: "generation" });
  await think();
  generation
    .update({ output: sent.answer, completionStartTime: new Date(Date.now() - 5), usageDetails: sent.usage })
    .end();
  langfuse.score.create({ traceId: generation.traceId, name: "quality", value: 0.9, comment: "clear" });
  langfuse.score.create({ traceId: generation.traceId, name: "resolved", value: 1, dataType: "BOOLEAN" });
  langfuse.score.observation(generation, { name: "tone", value: "friendly" });
}

const attributes = {
  traceName: sent.traceName,
  userId: sent.userId,
  sessionId: sent.sessionId,
  tags: sent.tags,
  metadata: sent.metadata,
  version: sent.version,
};
const traceId = await propagateAttributes(attributes, () =>
  startActiveObservation("answer-question", async (root) => {
    root.update({ input: sent.question });
    await startActiveObservation("retrieve", async (retrieve) => {
      retrieve.update({ input: { query: "order 1234" } });
      await startActiveObservation("rank", async (rank) => {
        await think();
        rank.update({ output: ["doc-2", "doc-1"] });
      });
      retrieve.update({ output: { documents: 2 }, level: "DEBUG", statusMessage: "from cache" });
    });
    await writeAnswer();
    startObservation("cache-miss", { level: "WARNING", input: { key: "order-1234" } }, { asType: "event" });
    startObservation("read-receipt", { input: { picture: pictureUri(), page: 1 } }).end();
    root.update({ output: sent.answer });
    return root.traceId;
  }),
);
await provider.forceFlush();
await langfuse.flush();

const trace = await until(
  () => langfuse.api.trace.get(traceId),
  (found) => found.observations.length === OBSERVATION_COUNT && found.scores.length === SCORE_COUNT,
);
const scoreFields = "core,details,subject,annotation";
report({
  compiledPrompt: prompt.compile({ name: "Ada" }),
  url: await langfuse.getTraceUrl(traceId),
  trace,
  observations: (await langfuse.api.legacy.observationsV1.getMany({ traceId })).data,
  observationsV2: (await langfuse.api.observations.getMany({ traceId, fields: ALL_FIELDS })).data,
  scoresV2: (await langfuse.api.scores.getMany({ traceId })).data,
  scoresV3: (await langfuse.api.scoresV3.getManyV3({ traceId, fields: scoreFields })).data,
  sessionTraces: (await langfuse.api.trace.list({ sessionId: sent.sessionId, tags: sent.tags })).data.map(({ id }) => id),
  sessions: [(await langfuse.api.sessions.get(sent.sessionId)).id],
});
await langfuse.shutdown();
await provider.shutdown();
