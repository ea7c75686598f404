// What the address of the sign-in page says: where to go afterwards, and why a provider let nobody in.

const REFUSALS = {
  attempt: "This sign-in was begun in another browser, or too long ago. Try again.",
  provider: "The provider can’t be reached, or its answer can’t be understood. Try again; if it stays, tell your administrator.",
  denied: "The provider did not let you in.",
  token: "What the provider answered could not be verified. Try again; if it stays, tell your administrator.",
  unverified: "The provider has not verified your e-mail address. Verify it there and try again.",
  domain: "Your e-mail’s domain is not let in here.",
  linking: "Your e-mail has a password here. Sign in with it.",
  unknown: "You have not been added here. Ask an administrator of your organization.",
} as const;

export type Refused = keyof typeof REFUSALS;

export function signInSearch(search: Record<string, unknown>): { next?: string; refused?: Refused } {
  return {
    // Only addresses of ours: a link must not send who signs in elsewhere.
    ...(typeof search.next === "string" && /^\/(?![/\\])/.test(search.next) ? { next: search.next } : {}),
    ...(typeof search.refused === "string" && Object.hasOwn(REFUSALS, search.refused) ? { refused: search.refused as Refused } : {}),
  };
}

export const refusalOf = (refused: Refused): string => REFUSALS[refused];
