import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useRouter, useSearch } from "@tanstack/react-router";
import { CircleAlert, LogIn } from "lucide-react";
import { type FormEvent, type ReactNode, useEffect, useState } from "react";
import { answer, api } from "../../api/client";
import { sessionQuery, signInMethodsQuery } from "../../app/session";
import { Button, FIELD, Skeleton } from "../../components/basics";
import { refusalOf } from "./search";

export function SignInPage() {
  const { next, refused } = useSearch({ from: "/auth/sign-in" });
  const { data: methods, error } = useQuery(signInMethodsQuery);
  useEffect(() => {
    document.title = "Sign in · ElasticDash";
  }, []);

  return (
    <main className="flex min-h-full items-center justify-center bg-sunken p-4">
      <div className="flex w-full max-w-sm flex-col gap-4 rounded-xl border border-line bg-raised p-7 shadow-sm">
        <img src="./ui/icon.svg" alt="" className="size-9 rounded-lg" />
        <div>
          <h1 className="text-lg font-semibold">Sign in to ElasticDash</h1>
          <p className="text-soft">See what your LLM application did.</p>
        </div>
        {refused && <Refused>{refusalOf(refused)}</Refused>}
        {error && <Refused>{error.message}</Refused>}
        {!methods && !error && <Skeleton className="h-40" />}
        {methods?.provider && (
          <a
            href={`./api/ui/oidc/sign-in?next=${encodeURIComponent(next ?? "/")}`}
            className="flex h-9 items-center justify-center gap-2 rounded-md border border-line px-3 font-medium hover:bg-hover"
          >
            <LogIn aria-hidden className="size-4" />
            <span className="truncate">Sign in with {methods.provider}</span>
          </a>
        )}
        {methods?.provider && methods.hasPasswords && (
          <div className="flex items-center gap-3 text-2xs text-soft">
            <span className="h-px flex-1 bg-line" />
            or by password
            <span className="h-px flex-1 bg-line" />
          </div>
        )}
        {methods?.hasPasswords && <PasswordForm next={next} />}
      </div>
    </main>
  );
}

function Refused({ children }: { children: ReactNode }) {
  return (
    <p role="alert" className="flex gap-2 rounded-md bg-error-wash px-3 py-2 text-error">
      <CircleAlert aria-hidden className="mt-0.5 size-4 shrink-0" />
      {children}
    </p>
  );
}

function PasswordForm({ next }: { next?: string }) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const router = useRouter();
  const [problem, setProblem] = useState<string>();
  const [isBusy, setBusy] = useState(false);

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
    <form onSubmit={submit} className="flex flex-col gap-4">
      {problem && <Refused>{problem}</Refused>}
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
  );
}
