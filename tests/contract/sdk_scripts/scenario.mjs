// What every JavaScript script sends, and how it waits for and hands back what it read.
const READ_TIMEOUT_MS = 30_000;
const POLL_PAUSE_MS = 200;
const THINKING_MS = 20;

export const OBSERVATION_COUNT = 6;
export const SCORE_COUNT = 3;
export const ALL_FIELDS = "core,basic,time,io,metadata,model,usage,prompt,metrics,trace_context";

/** The values to send: the first argument, as JSON. */
export const sent = JSON.parse(process.argv[2]);

export const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Take long enough for start and end to differ in milliseconds. */
export const think = () => pause(THINKING_MS);

/** What `read` returns once `isEnough` accepts it. A refusal counts as "not yet" until the time is over. */
export async function until(read, isEnough) {
  const deadline = Date.now() + READ_TIMEOUT_MS;
  for (;;) {
    try {
      const answer = await read();
      if (isEnough(answer) || Date.now() > deadline) return answer;
    } catch (error) {
      if (Date.now() > deadline) throw error;
    }
    await pause(POLL_PAUSE_MS);
  }
}

/** The picture of the scenario as a data URI. */
export const pictureUri = () => `data:image/png;base64,${Buffer.from(sent.picture).toString("base64")}`;

/** Hand the test what this SDK read, as the last line of the output. */
export const report = (read) => process.stdout.write(`\n${JSON.stringify(read)}\n`);
