// How to send traces here, with the keys at hand: what is shown can be pasted and runs.
import { useState } from "react";
import { CopyButton } from "./basics";

type Keys = { publicKey: string; secretKey: string };

const KINDS = {
  Python: ({ publicKey, secretKey }: Keys, host: string) => `# pip install langfuse
from langfuse import Langfuse

langfuse = Langfuse(
    public_key="${publicKey}",
    secret_key="${secretKey}",
    host="${host}",
)
with langfuse.start_as_current_observation(as_type="generation", name="hello", model="gpt-4o", input="hi") as step:
    step.update(output="there", usage_details={"input": 3, "output": 1})
langfuse.flush()`,
  JavaScript: ({ publicKey, secretKey }: Keys, host: string) => `// npm install langfuse
import { Langfuse } from "langfuse";

const langfuse = new Langfuse({
  publicKey: "${publicKey}",
  secretKey: "${secretKey}",
  baseUrl: "${host}",
});
const trace = langfuse.trace({ name: "hello", input: "hi" });
trace.generation({ name: "answer", model: "gpt-4o", input: "hi", output: "there" }).end();
await langfuse.flushAsync();`,
  OpenTelemetry: ({ publicKey, secretKey }: Keys, host: string) => `OTEL_EXPORTER_OTLP_ENDPOINT="${host}/api/public/otel"
OTEL_EXPORTER_OTLP_PROTOCOL="http/protobuf"
OTEL_EXPORTER_OTLP_HEADERS="Authorization=Basic ${basic(publicKey, secretKey)}"`,
  curl: ({ publicKey, secretKey }: Keys, host: string) => `curl -u "${publicKey}:${secretKey}" ${host}/api/public/ingestion \\
  -H 'Content-Type: application/json' -d '{"batch": [{"id": "'$(uuidgen)'", "type": "trace-create",
  "timestamp": "'$(date -u +%FT%TZ)'", "body": {"id": "'$(uuidgen)'", "name": "hello", "input": "hi", "output": "there"}}]}'`,
} as const;

function basic(publicKey: string, secretKey: string): string {
  return secretKey.endsWith("…") ? "<base64 of public key:secret key>" : btoa(`${publicKey}:${secretKey}`);
}

export function Snippets({ keys }: { keys: Keys }) {
  const [kind, setKind] = useState<keyof typeof KINDS>("Python");
  const host = new URL(document.baseURI).href.replace(/\/$/, "");
  const text = KINDS[kind](keys, host);
  return (
    <div className="overflow-hidden rounded-lg border border-line">
      <div role="group" aria-label="Snippet for" className="flex flex-wrap items-center gap-1 border-b border-line bg-sunken px-2 py-1">
        {(Object.keys(KINDS) as (keyof typeof KINDS)[]).map((name) => (
          <button
            key={name}
            type="button"
            aria-pressed={kind === name}
            onClick={() => setKind(name)}
            className={`h-7 rounded px-2 ${kind === name ? "bg-raised font-medium shadow-sm" : "text-soft hover:text-ink"}`}
          >
            {name}
          </button>
        ))}
        <span className="flex-1" />
        <CopyButton text={text} label="Copy snippet" />
      </div>
      <pre tabIndex={0} aria-label={`${kind} snippet`} className="overflow-x-auto p-3 font-mono text-[0.92em] leading-relaxed">
        {text}
      </pre>
    </div>
  );
}
