// The only way to the server: typed by its own description, with the session's proof on every change.
import createClient from "openapi-fetch";
import type { components, paths } from "./schema";

export type Shapes = components["schemas"];

let csrfToken = "";

export function keepCsrfToken(token: string): void {
  csrfToken = token;
}

/** What the server refused: `status` and its own sentence. */
export class Refusal extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

export const api = createClient<paths>({
  baseUrl: new URL("api/ui", document.baseURI).href,
  credentials: "same-origin",
});

api.use({
  onRequest({ request }) {
    if (request.method !== "GET") request.headers.set("x-csrf-token", csrfToken);
    return request;
  },
});

/** The body of an answer; throws a Refusal for anything but success. */
export async function answer<T>(call: Promise<{ data?: T; error?: unknown; response: Response }>): Promise<T> {
  const { data, error, response } = await call.catch(() => {
    throw new Refusal(0, "The server can't be reached. Check the connection and try again.");
  });
  if (!response.ok) throw new Refusal(response.status, sentence(error, response.status));
  return data as T;
}

function sentence(error: unknown, status: number): string {
  if (typeof error === "object" && error !== null) {
    const { message, error: issues } = error as { message?: unknown; error?: unknown };
    const rules = Array.isArray(issues)
      ? issues.map((issue: { path?: unknown[]; message?: string }) => `${(issue.path ?? []).join(".")} ${issue.message ?? ""}`)
      : [];
    if (typeof message === "string") return [message, ...rules].join(": ");
  }
  return `The server answered ${status}.`;
}
