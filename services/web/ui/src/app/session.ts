// Who is signed in, asked once and kept until it changes.
import { queryOptions, useSuspenseQuery } from "@tanstack/react-query";
import { answer, api, type Shapes, keepCsrfToken } from "../api/client";

export type SignedIn = Shapes["SignedInShape"];
export type Role = Shapes["Role"];

const RANK: Record<Role, number> = { NONE: 0, VIEWER: 1, MEMBER: 2, ADMIN: 3, OWNER: 4 };

export const sessionQuery = queryOptions({
  queryKey: ["session"],
  staleTime: Number.POSITIVE_INFINITY,
  queryFn: async (): Promise<SignedIn | null> => {
    const { signedIn } = await answer(api.GET("/session"));
    keepCsrfToken(signedIn?.csrfToken ?? "");
    return signedIn;
  },
});

/** The ways to sign in here. */
export const signInMethodsQuery = queryOptions({
  queryKey: ["sign-in methods"],
  staleTime: Number.POSITIVE_INFINITY,
  queryFn: () => answer(api.GET("/session/methods")),
});

/** The person, on pages that only signed-in people reach. */
export function useSignedIn(): SignedIn {
  const { data } = useSuspenseQuery(sessionQuery);
  if (!data) throw new Error("Not signed in");
  return data;
}

/** A project with its organization; undefined when the person has no part in it. */
export function projectOf(session: SignedIn, projectId: string) {
  for (const organization of session.organizations) {
    const project = organization.projects.find(({ id }) => id === projectId);
    if (project) return { project, organization };
  }
  return undefined;
}

export const reaches = (role: Role, least: Role) => RANK[role] >= RANK[least];

export function useRoleReaches(projectId: string, least: Role): boolean {
  const found = projectOf(useSignedIn(), projectId);
  return found !== undefined && reaches(found.organization.role, least);
}
