import { useQueryClient } from "@tanstack/react-query";
import { useNavigate, useRouter, useSearch } from "@tanstack/react-router";
import { CircleAlert } from "lucide-react";
import { type FormEvent, useEffect, useState } from "react";
import { answer, api } from "../../api/client";
import { sessionQuery } from "../../app/session";
import { Button, FIELD } from "../../components/basics";

export function SignInPage() {
  const { next } = useSearch({ from: "/auth/sign-in" });
  const client = useQueryClient();
  const navigate = useNavigate();
  const router = useRouter();
  const [problem, setProblem] = useState<string>();
  const [isBusy, setBusy] = useState(false);
  useEffect(() => {
    document.title = "Sign in · ElasticDash";
  }, []);

  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    setBusy(true);
    setProblem(undefined);
    try {
      const body = { email: String(form.get("email")), password: String(form.get("password")) };
      await answer(api.POST("/session", { body }));
      await client.resetQueries(sessionQuery);
      await client.fetchQuery(sessionQuery);
      if (next) router.history.push(next);
      else await navigate({ to: "/" });
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error));
    } finally {
      setBusy(false);
    }
  };

  return (
    <main className="flex min-h-full items-center justify-center bg-sunken p-4">
      <form onSubmit={submit} className="flex w-full max-w-sm flex-col gap-4 rounded-xl border border-line bg-raised p-7 shadow-sm">
        <img src="./ui/icon.svg" alt="" className="size-9 rounded-lg" />
        <div>
          <h1 className="text-lg font-semibold">Sign in to ElasticDash</h1>
          <p className="text-soft">See what your LLM application did.</p>
        </div>
        {problem && (
          <p role="alert" className="flex gap-2 rounded-md bg-error-wash px-3 py-2 text-error">
            <CircleAlert aria-hidden className="mt-0.5 size-4 shrink-0" />
            {problem}
          </p>
        )}
        <label className="flex flex-col gap-1 font-medium">
          E-mail
          <input className={`${FIELD} font-normal`} name="email" type="text" inputMode="email" autoComplete="username" required autoFocus />
        </label>
        <label className="flex flex-col gap-1 font-medium">
          Password
          <input className={`${FIELD} font-normal`} name="password" type="password" autoComplete="current-password" required />
        </label>
        <Button type="submit" look="primary" disabled={isBusy} className="h-9">
          {isBusy ? "Signing in…" : "Sign in"}
        </Button>
        <p className="text-2xs text-soft">
          The first start of <code className="font-mono">elasticdash up</code> prints the administrator’s e-mail and password.
        </p>
      </form>
    </main>
  );
}
