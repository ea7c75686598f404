// Forms that change who one is: names of organizations and projects, and new ones.
import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { answer, api } from "../../api/client";
import { sessionQuery } from "../../app/session";
import { Button, FIELD, Problem } from "../../components/basics";

/** Runs a change, then reads who one is again: names and projects hang on it. */
export function useChange() {
  const client = useQueryClient();
  const [problem, setProblem] = useState<Error>();
  const [isDone, setDone] = useState(false);
  const change = async <T,>(work: () => Promise<T>): Promise<T | undefined> => {
    setProblem(undefined);
    setDone(false);
    try {
      const result = await work();
      await client.fetchQuery({ ...sessionQuery, staleTime: 0 });
      setDone(true);
      return result;
    } catch (refused) {
      setProblem(refused as Error);
      return undefined;
    }
  };
  return { change, problem, isDone };
}

export function Done({ isDone }: { isDone: boolean }) {
  return (
    <span role="status" className="text-ok">
      {isDone && "Saved"}
    </span>
  );
}

export function NameForm({ label, name, least, action, onSave }: { label: string; name: string; least: number; action: string; onSave: (name: string) => Promise<unknown> }) {
  const { change, problem, isDone } = useChange();
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const text = String(new FormData(event.currentTarget).get("name"));
    void change(() => onSave(text));
  };
  return (
    <form onSubmit={submit} className="flex flex-col gap-1">
      {problem && <Problem error={problem} />}
      <label className="flex flex-col gap-1 font-medium">
        {label}
        <span className="flex items-center gap-2">
          <input className={FIELD} name="name" required minLength={least} maxLength={60} defaultValue={name} />
          <Button type="submit">{action}</Button>
        </span>
      </label>
      <Done isDone={isDone} />
    </form>
  );
}

/** Makes a project and goes there: it shows how to send to it. */
export function NewProject({ organizationId }: { organizationId: string }) {
  const navigate = useNavigate();
  return (
    <NameForm
      label="New project"
      name=""
      least={3}
      action="Create project"
      onSave={async (name) => {
        const { id } = await answer(api.POST("/organizations/{organization_id}/projects", { params: { path: { organization_id: organizationId } }, body: { name, retentionDays: 0 } }));
        setTimeout(() => void navigate({ to: "/project/$projectId/traces", params: { projectId: id } }));
      }}
    />
  );
}
