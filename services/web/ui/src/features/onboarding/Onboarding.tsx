// An empty project: its keys, a snippet to paste, and the first trace as soon as it comes.
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { KeyRound } from "lucide-react";
import { useEffect, useState } from "react";
import { answer, api, type Shapes } from "../../api/client";
import { useRoleReaches } from "../../app/session";
import { Button, Problem } from "../../components/basics";
import { Snippets } from "../../components/Snippets";

const LOOK_MS = 1000;

export function Onboarding({ projectId, onFirstTrace }: { projectId: string; onFirstTrace: () => void }) {
  const mayCreate = useRoleReaches(projectId, "ADMIN");
  const client = useQueryClient();
  const [created, setCreated] = useState<Shapes["CreatedApiKeyShape"]>();
  const [problem, setProblem] = useState<Error>();
  const path = { project_id: projectId };
  const keys = useQuery({
    queryKey: ["api-keys", projectId],
    queryFn: () => answer(api.GET("/projects/{project_id}/api-keys", { params: { path } })),
    enabled: mayCreate,
  });
  const first = useQuery({
    queryKey: ["first-trace", projectId],
    queryFn: () => answer(api.GET("/projects/{project_id}/traces", { params: { path, query: { limit: 1 } } })),
    refetchInterval: LOOK_MS,
  });
  const hasArrived = (first.data?.rows.length ?? 0) > 0;
  useEffect(() => {
    if (!hasArrived) return;
    void client.invalidateQueries({ queryKey: ["traces-newest", projectId] });
    onFirstTrace();
  }, [hasArrived, client, projectId, onFirstTrace]);

  const create = async () => {
    try {
      setCreated(await answer(api.POST("/projects/{project_id}/api-keys", { params: { path }, body: { note: "First steps" } })));
      await keys.refetch();
    } catch (error) {
      setProblem(error as Error);
    }
  };
  const known = keys.data?.keys[0];
  const shown = created ?? { publicKey: known?.publicKey ?? "pk-lf-…", secretKey: "sk-lf-…" };
  return (
    <div className="flex-1 overflow-y-auto">
      <div className="mx-auto flex max-w-3xl flex-col gap-5 px-4 py-10">
        <div>
          <h1 className="text-xl font-semibold">Send your first trace</h1>
          <p className="text-soft">
            This project has no traces yet. Any Langfuse SDK or OpenTelemetry exporter can send here; coming from Langfuse, only the host and the keys change.
          </p>
        </div>
        <section aria-label="Keys" className="flex flex-wrap items-center gap-3 rounded-lg border border-line p-3">
          <KeyRound aria-hidden className="size-4 text-soft" />
          <div className="min-w-0 flex-1">
            {created ? (
              <p>
                A new key is in the snippet below. <strong className="font-semibold">Its secret is shown only now:</strong> copy it.
              </p>
            ) : known ? (
              <p>
                The project’s key is <code className="font-mono">{known.publicKey}</code>. Secrets are not kept, so the snippet leaves it out.
              </p>
            ) : (
              <p>{mayCreate ? "The project has no API key yet." : "Ask an administrator of the project for an API key."}</p>
            )}
          </div>
          {mayCreate && !created && (
            <Button look="primary" onClick={() => void create()}>
              Create a key for the snippet
            </Button>
          )}
        </section>
        {problem && <Problem error={problem} />}
        <Snippets keys={shown} />
        <p role="status" className="flex items-center gap-2 text-soft">
          <span aria-hidden className="size-2 animate-pulse rounded-full bg-ok" />
          Waiting for the first trace; it appears here by itself. Or see examples: <code className="font-mono text-ink">elasticdash demo</code>
        </p>
      </div>
    </div>
  );
}
