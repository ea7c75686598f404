// What pages with a list that people add to have in common: the button, the dialog with the form, and what was refused.
import { useQueryClient } from "@tanstack/react-query";
import { Plus } from "lucide-react";
import { type FormEvent, type ReactNode, useState } from "react";
import { Button, Problem } from "../../components/basics";
import { Dialog } from "../../components/menu";
import { Page } from "../../components/Page";

/** Changes things of a list, then reads it again; `problem` is why the last change was refused. */
export function useManaged(queryKey: readonly string[]) {
  const client = useQueryClient();
  const [isAdding, setAdding] = useState(false);
  const [problem, setProblem] = useState<Error>();
  const change = async (work: () => Promise<unknown>) => {
    setProblem(undefined);
    try {
      await work();
      await client.invalidateQueries({ queryKey });
    } catch (refused) {
      setProblem(refused as Error);
    }
  };
  const onAdded = async () => {
    await client.invalidateQueries({ queryKey });
    setAdding(false);
  };
  return { change, problem, isAdding, setAdding, onAdded };
}

export function ManagedPage({
  title,
  managed: { problem, isAdding, setAdding },
  add,
  form,
  children,
}: {
  title: string;
  managed: ReturnType<typeof useManaged>;
  /** How adding is named; without it nobody here may. */
  add: { button: string; title: string; description: string } | false;
  form: ReactNode;
  children: ReactNode;
}) {
  return (
    <Page
      title={title}
      action={
        add && (
          <Button look="primary" onClick={() => setAdding(true)}>
            <Plus aria-hidden className="size-4" /> {add.button}
          </Button>
        )
      }
    >
      {problem && <Problem error={problem} />}
      {children}
      {add && (
        <Dialog open={isAdding} onClose={() => setAdding(false)} title={add.title} description={add.description}>
          {form}
        </Dialog>
      )}
    </Page>
  );
}

/** A form that says why it was refused. */
export function ManagedForm({ action, onSubmit, children }: { action: string; onSubmit: (text: (field: string) => string) => Promise<void>; children: ReactNode }) {
  const [problem, setProblem] = useState<Error>();
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    setProblem(undefined);
    try {
      await onSubmit((field) => String(form.get(field) ?? "").trim());
    } catch (refused) {
      setProblem(refused as Error);
    }
  };
  return (
    <form onSubmit={(event) => void submit(event)} className="flex flex-col gap-3">
      {problem && <Problem error={problem} />}
      {children}
      <Button type="submit" look="primary" className="self-end">
        {action}
      </Button>
    </form>
  );
}
