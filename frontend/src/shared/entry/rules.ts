import type { EntryKind } from "@/api/gen/model";

/** What somebody writes of an entry. */
export interface EntryWish {
  kind: EntryKind;
  title: string;
  body: string;
}

export const ENTRY_KINDS = ["faq", "policy", "synonym"] as const satisfies readonly EntryKind[];
export const LONGEST_TITLE = 500;
const LONGEST_BODY: Record<EntryKind, number> = { faq: 8_000, policy: 8_000, synonym: 500 };

export type EntryProblem = "missing" | "tooLong" | "noWord";

/** What is wrong with an entry, by field, as the server would see it. */
export function entryProblems({
  kind,
  title,
  body,
}: EntryWish): Partial<Record<"title" | "body", EntryProblem>> {
  const ofTitle =
    problemOf(title, LONGEST_TITLE) ?? (kind === "synonym" && !hasWord(title) ? "noWord" : null);
  const ofBody = problemOf(body, LONGEST_BODY[kind]);
  return { ...(ofTitle === null ? {} : { title: ofTitle }), ...(ofBody === null ? {} : { body: ofBody }) };
}

export function longestBody(kind: EntryKind): number {
  return LONGEST_BODY[kind];
}

/** A text that is as long as a title may be, cut between two words where that is possible. */
export function asTitle(text: string): string {
  const line = text.replace(/\s+/g, " ").trim();
  const letters = Array.from(line);
  if (letters.length <= LONGEST_TITLE) return line;
  const cut = letters.slice(0, LONGEST_TITLE - 1).join("");
  const space = cut.lastIndexOf(" ");
  return `${space > LONGEST_TITLE / 2 ? cut.slice(0, space) : cut}…`;
}

/** A search that finds the entry of this title: its first words, within what the server takes. */
export function searchFor(title: string): string {
  return title.split(/\s+/).slice(0, 8).join(" ").slice(0, 200).trim();
}

function problemOf(text: string, most: number): EntryProblem | null {
  const { length } = Array.from(text.trim());
  if (length === 0) return "missing";
  return length > most ? "tooLong" : null;
}

function hasWord(title: string): boolean {
  return /[\p{L}\p{N}]/u.test(title);
}
