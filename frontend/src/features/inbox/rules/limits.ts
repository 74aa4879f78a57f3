/** The longest text that the server takes: it goes out as several messages. */
export const MOST_IN_TEXT = 10_000;
/** Of a note, which stays here. */
export const MOST_IN_NOTE = 4000;

/** How much of a limit a text uses, in UTF-16 units: never less than the server counts. */
export function used(text: string): number {
  return text.trim().length;
}

/** What is left, once it is little enough to matter. */
export function leftToShow(text: string, most: number): number | null {
  const left = most - used(text);
  return left <= most / 5 ? left : null;
}
