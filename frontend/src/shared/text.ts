const MARKS = /\p{M}+/gu;

/** Without accents and in lower case, as people type when they search: "Áo thun ĐỎ" is "ao thun do". */
export function unaccent(text: string): string {
  return text.normalize("NFD").replace(MARKS, "").replace(/[đĐ]/g, "d").toLowerCase();
}

/** Whether every word of the query begins a word of the text, accents aside. An empty query fits everything. */
export function matches(text: string, query: string): boolean {
  const words = split(text);
  return split(query).every((part) => words.some((word) => word.startsWith(part)));
}

function split(text: string): string[] {
  return unaccent(text)
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== "");
}

/** Marks that turn the direction of a text, joiners and the like. */
const INVISIBLE = /\p{Cf}/gu;

/** The same without the joiners that hold an emoji together. */
const DISGUISES = /(?<!\p{Extended_Pictographic}[\ufe0f\u{1f3fb}-\u{1f3ff}]?)\u200d|(?!\u200d)\p{Cf}/gu;

/** A file's name as it can be trusted: without marks that turn its direction and so its ending, as in "photo[RLO]gpj.exe". */
export function plainName(name: string): string {
  return name.replace(DISGUISES, "");
}

/** One or two letters that stand for a name: of a Vietnamese name the last two words count. */
export function initials(name: string): string {
  const words = name
    .replace(INVISIBLE, "")
    .split(/\s+/u)
    .filter((word) => /^[\p{L}\p{N}]/u.test(word));
  return words.slice(-2).map(firstLetter).join("").toLocaleUpperCase("vi");
}

function firstLetter(word: string): string {
  const [first] = new Intl.Segmenter("vi", { granularity: "grapheme" }).segment(word);
  return first?.segment ?? "";
}

export type TextPart = { text: string; href: string | null };
const LINK = /https?:\/\/[^\s<>"'\u200e\u200f\u202a-\u202e\u2066-\u2069]+/giu;
const TRAILING = /[.,;:!?)\]}…'"”’]+$/u;

/** A text cut into plain parts and links. Only http and https become links, and what follows a sentence's end stays outside. */
export function linkParts(text: string): TextPart[] {
  const parts: TextPart[] = [];
  let at = 0;
  for (const match of text.matchAll(LINK)) {
    const url = match[0].replace(TRAILING, "");
    if (!URL.canParse(url)) continue;
    if (match.index > at) parts.push({ text: text.slice(at, match.index), href: null });
    parts.push({ text: url, href: url });
    at = match.index + url.length;
  }
  if (at < text.length) parts.push({ text: text.slice(at), href: null });
  return parts;
}

/** An address that may stand in a link or picture; null for `javascript:` and the like. */
export function safeUrl(url: string | null | undefined): string | null {
  if (!url || !URL.canParse(url)) return null;
  return ["http:", "https:"].includes(new URL(url).protocol) ? url : null;
}
