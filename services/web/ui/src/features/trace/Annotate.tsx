// Scores of the trace or of one observation, and the form by which people add theirs in place.
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Pencil, Plus, Trash2 } from "lucide-react";
import { type FormEvent, useState } from "react";
import { answer, api } from "../../api/client";
import { scoreConfigsQuery, type ScoreConfig } from "../../app/scoreConfigs";
import { useRoleReaches } from "../../app/session";
import { Ago, Button, FIELD, IconButton, Problem, Tag } from "../../components/basics";
import { type Score, traceQuery } from "./queries";

type Target = { projectId: string; traceId: string; observationId?: string };
const SEEN_TRIES = 20;
const SEEN_WAIT_MS = 500;

export function Scores({ target, scores }: { target: Target; scores: Score[] }) {
  const mayAnnotate = useRoleReaches(target.projectId, "MEMBER");
  const [editing, setEditing] = useState<Score | "new">();
  const refresh = useSeen(target);
  const [problem, setProblem] = useState<Error>();
  const remove = async (score: Score) => {
    try {
      await answer(api.DELETE("/projects/{project_id}/scores/{score_id}", { params: { path: { project_id: target.projectId, score_id: score.id } } }));
      await refresh((seen) => seen.every(({ id }) => id !== score.id));
    } catch (refused) {
      setProblem(refused as Error);
    }
  };
  if (scores.length === 0 && !mayAnnotate) return null;
  return (
    <section aria-label="Scores" className="flex flex-col gap-1.5">
      <div className="flex h-7 items-center gap-2">
        <h3 className="font-semibold">Scores</h3>
        {mayAnnotate && editing === undefined && (
          <Button look="quiet" className="h-7" onClick={() => setEditing("new")}>
            <Plus aria-hidden className="size-3.5" /> Add score
          </Button>
        )}
      </div>
      {problem && <Problem error={problem} />}
      {scores.length > 0 && (
        <ul className="flex flex-col rounded-md border border-line px-2.5 py-1">
          {scores.map((score) => (
            <li key={score.id} className="flex min-h-8 flex-wrap items-center gap-x-2">
              <span className="font-medium">{score.name}</span>
              <span>{score.text ?? score.value}</span>
              <Tag>{score.source.toLowerCase()}</Tag>
              {score.comment && <span className="text-soft">{score.comment}</span>}
              <span className="ml-auto text-2xs text-soft">
                <Ago time={score.timestamp} />
              </span>
              {mayAnnotate && score.source === "ANNOTATION" && (
                <>
                  <IconButton label={`Edit score ${score.name}`} className="size-7" onClick={() => setEditing(score)}>
                    <Pencil className="size-3.5" />
                  </IconButton>
                  <IconButton label={`Delete score ${score.name}`} className="size-7" onClick={() => void remove(score)}>
                    <Trash2 className="size-3.5" />
                  </IconButton>
                </>
              )}
            </li>
          ))}
        </ul>
      )}
      {editing !== undefined && (
        <ScoreForm
          key={editing === "new" ? "new" : editing.id}
          target={target}
          score={editing === "new" ? undefined : editing}
          onCancel={() => setEditing(undefined)}
          onSaved={async (isSeen) => {
            await refresh(isSeen);
            setEditing(undefined);
          }}
        />
      )}
    </section>
  );
}

/** Reads the trace again until a change is seen, which takes a second or two, or gives up after ten. */
function useSeen({ projectId, traceId }: Target) {
  const client = useQueryClient();
  return async (isSeen: (scores: Score[]) => boolean) => {
    for (let tries = 0; tries < SEEN_TRIES; tries += 1) {
      const { scores } = await client.fetchQuery({ ...traceQuery(projectId, traceId), staleTime: 0 });
      if (isSeen(scores)) return;
      await new Promise((resolve) => setTimeout(resolve, SEEN_WAIT_MS));
    }
  };
}

function ScoreForm({
  target,
  score,
  onCancel,
  onSaved,
}: {
  target: Target;
  score: Score | undefined;
  onCancel: () => void;
  onSaved: (isSeen: (scores: Score[]) => boolean) => Promise<void>;
}) {
  const { data } = useQuery(scoreConfigsQuery(target.projectId));
  const configs = (data?.configs ?? []).filter(({ isArchived, id }) => !isArchived || id === score?.configId);
  const [chosenId, setChosenId] = useState(score?.configId);
  const config = configs.find(({ id }) => id === chosenId) ?? configs[0];
  const [problem, setProblem] = useState<Error>();
  const [isSaving, setSaving] = useState(false);
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    if (!config) return;
    const text = String(form.get("value"));
    const value = config.dataType === "NUMERIC" || config.dataType === "BOOLEAN" ? Number(text) : text;
    const comment = String(form.get("comment")).trim();
    setSaving(true);
    setProblem(undefined);
    try {
      const { id } = await answer(
        api.POST("/projects/{project_id}/scores", {
          params: { path: { project_id: target.projectId } },
          body: {
            ...(score && { id: score.id }),
            configId: config.id,
            value,
            traceId: target.traceId,
            ...(target.observationId && { observationId: target.observationId }),
            ...(comment && { comment }),
          },
        }),
      );
      await onSaved((seen) => seen.some((each) => each.id === id && (each.value === value || each.text === value) && (each.comment ?? "") === comment));
    } catch (refused) {
      setProblem(refused as Error);
      setSaving(false);
    }
  };
  if (data && !config) {
    return (
      <p className="rounded-md border border-line bg-sunken p-3">
        Judging needs a name and the values it may have.{" "}
        <Link to="/project/$projectId/settings/score-configs" params={{ projectId: target.projectId }} className="text-accent-ink underline">
          Make a score config
        </Link>
      </p>
    );
  }
  return (
    <form onSubmit={(event) => void submit(event)} aria-label={score ? `Edit score ${score.name}` : "New score"} className="flex flex-col gap-3 rounded-md border border-line bg-sunken p-3">
      {problem && <Problem error={problem} />}
      <div className="grid gap-3 sm:grid-cols-2">
        <label className="flex flex-col gap-1 font-medium">
          Score
          <select className={FIELD} value={config?.id} disabled={score !== undefined} onChange={(event) => setChosenId(event.target.value)}>
            {configs.map(({ id, name }) => (
              <option key={id} value={id}>
                {name}
              </option>
            ))}
          </select>
        </label>
        {config && <ValueField key={config.id} config={config} score={score} />}
      </div>
      {config?.description && <p className="text-soft">{config.description}</p>}
      <label className="flex flex-col gap-1 font-medium">
        Comment
        <textarea className={`${FIELD} h-16 py-1.5`} name="comment" maxLength={5000} defaultValue={score?.comment ?? ""} />
      </label>
      <div className="flex items-center justify-end gap-2">
        <Button onClick={onCancel}>Cancel</Button>
        <Button type="submit" look="primary" disabled={isSaving}>
          {isSaving ? "Saving…" : "Save score"}
        </Button>
      </div>
    </form>
  );
}

function ValueField({ config, score }: { config: ScoreConfig; score: Score | undefined }) {
  const { dataType, minValue, maxValue } = config;
  const labels = dataType === "BOOLEAN" ? [["1", "True"] as const, ["0", "False"] as const] : (config.categories ?? []).map(({ label }) => [label, label] as const);
  return (
    <label className="flex flex-col gap-1 font-medium">
      Value
      {dataType === "NUMERIC" ? (
        <input className={FIELD} name="value" type="number" step="any" required min={minValue ?? undefined} max={maxValue ?? undefined} defaultValue={score?.value ?? undefined} />
      ) : labels.length > 0 ? (
        <select className={FIELD} name="value" defaultValue={dataType === "BOOLEAN" ? String(score?.value ?? 1) : (score?.text ?? undefined)}>
          {labels.map(([value, name]) => (
            <option key={value} value={value}>
              {name}
            </option>
          ))}
        </select>
      ) : (
        <input className={FIELD} name="value" required maxLength={500} defaultValue={score?.text ?? undefined} />
      )}
    </label>
  );
}
