import { useQuery, useQueryClient } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { Plus } from "lucide-react";
import { type FormEvent, useState } from "react";
import { useRoleReaches } from "../../app/session";
import { Ago, Button, CopyButton, Empty, FIELD, Problem, Skeleton } from "../../components/basics";
import { Dialog } from "../../components/menu";
import { Page } from "../../components/Page";
import { Snippets } from "../../components/Snippets";
import { apiKeysQuery, type CreatedKey, createKey, revokeKey } from "./queries";

const route = getRouteApi("/project/$projectId/settings/api-keys");

export function ApiKeysPage() {
  const { projectId } = route.useParams();
  const mayManage = useRoleReaches(projectId, "ADMIN");
  const [isCreating, setCreating] = useState(false);
  return (
    <Page
      title="API keys"
      action={
        mayManage && (
          <Button look="primary" onClick={() => setCreating(true)}>
            <Plus aria-hidden className="size-4" /> New key
          </Button>
        )
      }
    >
      {mayManage ? <Keys projectId={projectId} /> : <Empty title="Only administrators manage keys">Ask an administrator or owner of the organization for a key.</Empty>}
      <Dialog open={isCreating} onClose={() => setCreating(false)} title="New API key" description="It may send and read everything of this project.">
        <CreateKey projectId={projectId} />
      </Dialog>
    </Page>
  );
}

function Keys({ projectId }: { projectId: string }) {
  const client = useQueryClient();
  const { data, isError, error, refetch } = useQuery(apiKeysQuery(projectId));
  const [revoking, setRevoking] = useState<{ id: string; publicKey: string }>();
  const [problem, setProblem] = useState<Error>();
  const revoke = async () => {
    try {
      if (revoking) await revokeKey(projectId, revoking.id);
      setRevoking(undefined);
      await client.invalidateQueries({ queryKey: ["api-keys", projectId] });
    } catch (refused) {
      setProblem(refused as Error);
    }
  };
  if (isError) return <Problem error={error} onRetry={() => void refetch()} />;
  if (!data) return <Skeleton className="h-32" />;
  if (data.keys.length === 0) return <Empty title="No keys yet">Nothing can send traces to this project until it has a key.</Empty>;
  return (
    <>
      <div className="relative overflow-x-auto rounded-lg border border-line">
        <table className="w-full">
          <thead className="bg-sunken text-2xs text-soft">
            <tr>
              {["Public key", "Secret", "Note", "Created", "Last used", ""].map((name) => (
                <th key={name} scope="col" className="px-3 py-2 text-left font-medium">
                  {name || <span className="sr-only">Actions</span>}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {data.keys.map((key) => (
              <tr key={key.id} className="border-t border-line">
                <td className="px-3 py-1.5 whitespace-nowrap">
                  <span className="inline-flex items-center font-mono">
                    {key.publicKey}
                    <CopyButton text={key.publicKey} label="Copy public key" />
                  </span>
                </td>
                <td className="px-3 font-mono whitespace-nowrap text-soft">{key.displaySecretKey}</td>
                <td className="px-3">{key.note ?? <span className="text-soft">–</span>}</td>
                <td className="px-3 whitespace-nowrap">
                  <Ago time={key.createdAt} />
                </td>
                <td className="px-3 whitespace-nowrap">{key.lastUsedAt ? <Ago time={key.lastUsedAt} /> : <span className="text-soft">never</span>}</td>
                <td className="px-3 text-right">
                  <Button look="danger" onClick={() => setRevoking(key)}>
                    Revoke…
                  </Button>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <Dialog
        open={revoking !== undefined}
        onClose={() => setRevoking(undefined)}
        title="Revoke this key?"
        description={`Whatever sends with ${revoking?.publicKey ?? ""} is refused within seconds. This can’t be undone.`}
      >
        {problem && <Problem error={problem} />}
        <div className="flex justify-end gap-2">
          <Button onClick={() => setRevoking(undefined)}>Keep</Button>
          <Button look="danger" onClick={() => void revoke()}>
            Revoke
          </Button>
        </div>
      </Dialog>
    </>
  );
}

function CreateKey({ projectId }: { projectId: string }) {
  const client = useQueryClient();
  const [created, setCreated] = useState<CreatedKey>();
  const [problem, setProblem] = useState<Error>();
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const note = String(new FormData(event.currentTarget).get("note"));
    try {
      setCreated(await createKey(projectId, note));
      await client.invalidateQueries({ queryKey: ["api-keys", projectId] });
    } catch (refused) {
      setProblem(refused as Error);
    }
  };
  if (created) {
    return (
      <div className="flex flex-col gap-3">
        <p role="status" className="rounded-md bg-warning-wash px-3 py-2 text-warning">
          Copy the secret now: only a hash of it is kept, and it is never shown again.
        </p>
        {(
          [
            ["Public key", created.publicKey],
            ["Secret key", created.secretKey],
          ] as const
        ).map(([name, value]) => (
          <div key={name} className="flex items-center gap-2">
            <span className="w-24 text-soft">{name}</span>
            <code className="min-w-0 flex-1 font-mono">{value}</code>
            <CopyButton text={value} label={`Copy ${name.toLowerCase()}`} />
          </div>
        ))}
        <Snippets keys={created} />
      </div>
    );
  }
  return (
    <form onSubmit={submit} className="flex flex-col gap-3">
      {problem && <Problem error={problem} />}
      <label className="flex flex-col gap-1 font-medium">
        Note
        <input className={FIELD} name="note" maxLength={200} placeholder="What uses it, e.g. production workers" />
      </label>
      <Button type="submit" look="primary" className="self-end">
        Create key
      </Button>
    </form>
  );
}
