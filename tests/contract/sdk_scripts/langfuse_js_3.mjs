// Langfuse's JavaScript SDK 3.x: creates and updates through the batch endpoint, reads back with its fetch methods.
import { Langfuse, LangfuseMedia } from "langfuse";
import { OBSERVATION_COUNT, SCORE_COUNT, pictureUri, report, sent, think, until } from "./scenario.mjs";

const langfuse = new Langfuse();
const trace = langfuse.trace({
  name: sent.traceName,
  userId: sent.userId,
  sessionId: sent.sessionId,
  tags: sent.tags,
  metadata: sent.metadata,
  version: sent.version,
  input: sent.question,
});
const root = trace.span({ name: "answer-question", input: sent.question });
const retrieve = root.span({ name: "retrieve", input: { query: "order 1234" } });
const rank = retrieve.span({ name: "rank" });
await think();
rank.end({ output: ["doc-2", "doc-1"] });
retrieve.end();
await langfuse.flushAsync();

retrieve.update({ output: { documents: 2 }, level: "DEBUG", statusMessage: "from cache" });
await langfuse.createPrompt({ name: sent.promptName, prompt: "Be kind to {{name}}.", labels: ["production"] });
const prompt = await langfuse.getPrompt(sent.promptName);
const generation = root.generation({
  name: "write-answer",
  model: sent.model,
  modelParameters: sent.modelParameters,
  input: sent.messages,
  prompt,
});
await think();
generation.end({ output: sent.answer, completionStartTime: new Date(Date.now() - 5), usageDetails: sent.usage });
trace.score({ name: "quality", value: 0.9, comment: "clear" });
trace.score({ name: "resolved", value: 1, dataType: "BOOLEAN" });
generation.score({ name: "tone", value: "friendly" });
root.event({ name: "cache-miss", level: "WARNING", input: { key: "order-1234" } });
const picture = new LangfuseMedia({ base64DataUri: pictureUri() });
root.span({ name: "read-receipt", input: { picture, page: 1 } }).end();
root.end({ output: sent.answer });
trace.update({ output: sent.answer });
await langfuse.flushAsync();

const read = await until(
  async () => (await langfuse.fetchTrace(trace.id)).data,
  (found) => found.observations.length === OBSERVATION_COUNT && found.scores.length === SCORE_COUNT && found.output,
);
report({
  compiledPrompt: prompt.compile({ name: "Ada" }),
  trace: read,
  observations: (await langfuse.fetchObservations({ traceId: trace.id })).data,
  sessionTraces: (await langfuse.fetchTraces({ sessionId: sent.sessionId, tags: sent.tags })).data.map(({ id }) => id),
  sessions: (await langfuse.fetchSessions({ limit: 100 })).data
    .map(({ id }) => id)
    .filter((id) => id === sent.sessionId),
});
await langfuse.shutdownAsync();
