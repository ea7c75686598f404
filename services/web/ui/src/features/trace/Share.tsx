// Makes one trace visible to everyone who has its link, and hides it again.
import { useQueryClient } from "@tanstack/react-query";
import { Globe, Lock, Share2 } from "lucide-react";
import { useState } from "react";
import { answer, api } from "../../api/client";
import { useRoleReaches } from "../../app/session";
import { Button, CopyButton, IconButton, Problem } from "../../components/basics";
import { Dialog } from "../../components/menu";
import { type Trace, traceQuery } from "./queries";

const SEEN_TRIES = 20;
const SEEN_WAIT_MS = 500;

export function Share({ projectId, trace }: { projectId: string; trace: Trace["trace"] }) {
  const mayShare = useRoleReaches(projectId, "MEMBER");
  const [isOpen, setOpen] = useState(false);
  if (!mayShare && !trace.public) return null;
  return (
    <>
      <IconButton label={trace.public ? "Shared: everyone with the link sees this trace" : "Share this trace"} onClick={() => setOpen(true)} className={trace.public ? "!text-accent-ink" : undefined}>
        {trace.public ? <Globe className="size-3.5" /> : <Share2 className="size-3.5" />}
      </IconButton>
      {isOpen && <ShareDialog projectId={projectId} trace={trace} mayShare={mayShare} onClose={() => setOpen(false)} />}
    </>
  );
}

function ShareDialog({ projectId, trace, mayShare, onClose }: { projectId: string; trace: Trace["trace"]; mayShare: boolean; onClose: () => void }) {
  const client = useQueryClient();
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Error>();
  const link = new URL(`public/${encodeURIComponent(projectId)}/traces/${encodeURIComponent(trace.id)}`, document.baseURI).href;
  const change = async (isPublic: boolean) => {
    setBusy(true);
    setProblem(undefined);
    try {
      const path = { project_id: projectId, trace_id: trace.id };
      await answer(api.PUT("/projects/{project_id}/trace-sharing/{trace_id}", { params: { path }, body: { public: isPublic } }));
      for (let tries = 0; tries < SEEN_TRIES; tries += 1) {
        const seen = await client.fetchQuery({ ...traceQuery(projectId, trace.id), staleTime: 0 });
        if (seen.trace.public === isPublic) return;
        await new Promise((resolve) => setTimeout(resolve, SEEN_WAIT_MS));
      }
      setProblem(new Error("It is accepted and not done yet. Look again in a moment; your application may also say otherwise."));
    } catch (refused) {
      setProblem(refused as Error);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Dialog open title="Share this trace" onClose={onClose}>
      {problem && <Problem error={problem} />}
      {trace.public ? (
        <>
          <p>Everyone with this link sees the trace without signing in: its observations, texts, usage and cost. Not its user, session and scores, and nothing else of the project.</p>
          <div className="flex items-center gap-1 rounded-md border border-line bg-sunken py-1 pr-1 pl-2.5">
            <span className="min-w-0 flex-1 truncate font-mono text-2xs" title={link}>
              {link}
            </span>
            <CopyButton text={link} label="Copy public link" />
          </div>
          {mayShare && (
            <Button className="self-start" disabled={isBusy} onClick={() => void change(false)}>
              <Lock aria-hidden className="size-3.5" /> {isBusy ? "Hiding…" : "Stop sharing"}
            </Button>
          )}
        </>
      ) : (
        <>
          <p>Only members of the project see this trace. With a public link, everyone who has it sees this trace without signing in, with all it holds: read it once more before.</p>
          <Button look="primary" className="self-start" disabled={isBusy} onClick={() => void change(true)}>
            <Globe aria-hidden className="size-3.5" /> {isBusy ? "Sharing…" : "Make a public link"}
          </Button>
        </>
      )}
    </Dialog>
  );
}
