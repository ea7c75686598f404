// Scores as they are written: numbers with as many digits as say something, texts as they are.

const digits = new Intl.NumberFormat("en", { maximumFractionDigits: 3 });

export function scoreNumber(value: number): string {
  return digits.format(value);
}

/** The text of a score where it has one: `True` says more than 1. */
export function scoreText({ value, text }: { value: number | null; text: string | null }): string {
  return text ?? (value === null ? "–" : scoreNumber(value));
}

/** A difference with its sign. */
export function signed(amount: number, format: (value: number) => string): string {
  return `${amount > 0 ? "+" : "−"}${format(Math.abs(amount))}`;
}
