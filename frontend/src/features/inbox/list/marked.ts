import { unaccent } from "@/shared/text";

export interface MarkedPart {
  text: string;
  /** Whether it is what was searched for. */
  isFound: boolean;
}

const WORD = /[\p{L}\p{M}\p{N}]+/gu;

/** Cuts an excerpt so that words which begin with a searched word can be marked, accents aside. */
export function markedParts(text: string, query: string): MarkedPart[] {
  const wanted = unaccent(query).match(WORD) ?? [];
  const parts: MarkedPart[] = [];
  let at = 0;
  for (const word of text.matchAll(WORD)) {
    const folded = unaccent(word[0]);
    if (!wanted.some((one) => folded.startsWith(one))) continue;
    if (word.index > at) parts.push({ text: text.slice(at, word.index), isFound: false });
    parts.push({ text: word[0], isFound: true });
    at = word.index + word[0].length;
  }
  if (at < text.length) parts.push({ text: text.slice(at), isFound: false });
  return parts;
}

/** So much stands before the first found word; more would push it off a narrow line. */
const LEAD = 18;

/** The same, beginning shortly before the first word that was found. */
export function leadingParts(parts: readonly MarkedPart[]): MarkedPart[] {
  const [first, ...rest] = parts;
  const isFar = first !== undefined && !first.isFound && rest.length > 0 && first.text.length > LEAD + 6;
  if (!isFar) return [...parts];
  const from = first.text.indexOf(" ", first.text.length - LEAD);
  const tail = first.text.slice(from < 0 ? first.text.length - LEAD : from + 1);
  return [{ text: `…${tail}`, isFound: false }, ...rest];
}
