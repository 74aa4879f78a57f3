/** What the platforms take under one text. */
export const MOST_TITLES = 13;
export const LONGEST_TITLE = 20;

/** The answers to tap with one more: each once, none blank, no more than the platform takes. */
export function addTitle(titles: readonly string[], text: string): string[] {
  const title = Array.from(text.trim().replace(/\s+/gu, " ")).slice(0, LONGEST_TITLE).join("").trim();
  if (title === "" || titles.includes(title) || titles.length >= MOST_TITLES) return [...titles];
  return [...titles, title];
}
