import { useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { answer, api } from "../../api/client";
import { sessionQuery, signInMethodsQuery, useSignedIn } from "../../app/session";
import { Button, FIELD, Problem } from "../../components/basics";
import { Page } from "../../components/Page";

const MIN_CHARACTERS = 12;

export function AccountPage() {
  const { user, organizations } = useSignedIn();
  const { data: methods } = useQuery(signInMethodsQuery);
  return (
    <Page title="Account">
      <dl className="grid max-w-xl grid-cols-[8rem_1fr] gap-y-1">
        <dt className="text-soft">E-mail</dt>
        <dd>{user.email}</dd>
        {organizations.map(({ id, name, role }) => (
          <div key={id} className="contents">
            <dt className="text-soft">{name}</dt>
            <dd>{role.toLowerCase()}</dd>
          </div>
        ))}
      </dl>
      {methods?.hasPasswords === false && <p>You sign in with {methods.provider}.</p>}
      {methods?.hasPasswords && <PasswordForm />}
    </Page>
  );
}

function PasswordForm() {
  const client = useQueryClient();
  const [problem, setProblem] = useState<Error>();
  const [isDone, setDone] = useState(false);
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const element = event.currentTarget;
    const form = new FormData(element);
    setProblem(undefined);
    setDone(false);
    try {
      const body = { currentPassword: String(form.get("current")), newPassword: String(form.get("new")) };
      await answer(api.PUT("/session/password", { body }));
      // The session is a new one, and so is its proof.
      await client.fetchQuery({ ...sessionQuery, staleTime: 0 });
      element.reset();
      setDone(true);
    } catch (refused) {
      setProblem(refused as Error);
    }
  };
  return (
    <form onSubmit={submit} className="flex max-w-sm flex-col gap-3 rounded-lg border border-line p-4">
      <h2 className="font-semibold">Change password</h2>
      {problem && <Problem error={problem} />}
      {isDone && (
        <p role="status" className="text-ok">
          Changed. Every other browser is signed out.
        </p>
      )}
      <label className="flex flex-col gap-1 font-medium">
        Current password
        <input className={FIELD} type="password" name="current" autoComplete="current-password" required />
      </label>
      <label className="flex flex-col gap-1 font-medium">
        New password
        <input className={FIELD} type="password" name="new" autoComplete="new-password" minLength={MIN_CHARACTERS} required />
        <span className="text-2xs font-normal text-soft">{MIN_CHARACTERS} characters or more</span>
      </label>
      <Button type="submit" look="primary" className="self-start">
        Change password
      </Button>
    </form>
  );
}
