/** What the assistant was taught to answer in. Others that a shop has set stay. */
export const LANGUAGES = ["vi", "en"];

export function languagesWith(chosen: readonly string[], tag: string, on: boolean): string[] {
  const rest = chosen.filter((one) => one !== tag);
  return on ? (chosen.includes(tag) ? [...chosen] : [...rest, tag]) : rest;
}

/** The first is the one that the assistant falls back to. */
export function mainFirst(chosen: readonly string[], main: string): string[] {
  return [main, ...chosen.filter((one) => one !== main)];
}

export function languageName(tag: string, locale: string): string {
  try {
    const name = new Intl.DisplayNames(locale, { type: "language" }).of(tag) ?? tag;
    return name.charAt(0).toLocaleUpperCase(locale) + name.slice(1);
  } catch {
    return tag;
  }
}
