const MOST = 1_000_000_000_000;

/** A cap as typed: null for what the plan gives, undefined when it is no number of tokens. */
export function readCap(typed: string): number | null | undefined {
  const text = typed.replace(/[\s\u00a0.,]/gu, "");
  if (text === "") return null;
  const cap = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  return cap <= MOST ? cap : undefined;
}
