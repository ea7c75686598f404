// What the address of a prompt holds: the version that is shown, and the one it is compared with.
export type PromptSearch = { version?: number; against?: number };

export function promptSearch({ version, against }: Record<string, unknown>): PromptSearch {
  return { ...(isVersion(version) && { version }), ...(isVersion(against) && { against }) };
}

const isVersion = (value: unknown): value is number => Number.isInteger(value) && (value as number) > 0;
