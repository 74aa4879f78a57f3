import type { Platform } from "@/api/gen/model";

/** Messenger counts UTF-16 units, Instagram bytes of UTF-8. */
const LIMITS: Record<Platform, { most: number; cost: (sign: string) => number }> = {
  facebook: { most: 2000, cost: (sign) => sign.length },
  instagram: { most: 1000, cost: bytes },
};
/** A run of joined marks that is longer is cut anyway. */
const LONGEST_CLUSTER = 32;
const JOINS = /^(?:[\u0300-\u036f]|\u200d|\u20e3|[\ufe00-\ufe0f]|[\u{1f3fb}-\u{1f3ff}])$/u;

/** The parts that a text goes out in: cut as the server cuts it, after a line or a sentence, else between words. */
export function splitText(platform: Platform, text: string): string[] {
  let rest = Array.from(text.trim());
  const parts: string[] = [];
  while (rest.length > 0) {
    const at = cut(platform, rest);
    parts.push(rest.slice(0, at).join("").trimEnd());
    rest = Array.from(rest.slice(at).join("").trimStart());
  }
  return parts;
}

/** How many signs the next part has. */
function cut(platform: Platform, signs: readonly string[]): number {
  const end = fitting(platform, signs);
  if (end === signs.length) return end;
  let word: number | null = null;
  let sentence: number | null = null;
  for (let at = 1; at <= end; at += 1) {
    const sign = signs[at] ?? "";
    const before = signs[at - 1] ?? "";
    if (/\s/u.test(sign)) {
      word = at;
      if (sign === "\n" || /[.!?…]/u.test(before)) sentence = at;
    }
    if (/[。！？]/u.test(before)) sentence = at;
  }
  // In its second half a part ends with a sentence. The server measures that in bytes.
  const size = (upTo: number) => bytes(signs.slice(0, upTo).join(""));
  if (sentence !== null && size(sentence) >= Math.floor(size(end) / 2)) return sentence;
  return word ?? clusterBorder(signs, end);
}

function fitting(platform: Platform, signs: readonly string[]): number {
  const { most, cost } = LIMITS[platform];
  let used = 0;
  for (const [at, sign] of signs.entries()) {
    used += cost(sign);
    if (used > most) return at;
  }
  return signs.length;
}

/** Moves a cut back so that no accent or joined emoji is torn from what it belongs to. */
function clusterBorder(signs: readonly string[], end: number): number {
  for (let at = end; at > 0 && at > end - LONGEST_CLUSTER; at -= 1) {
    if (!JOINS.test(signs[at] ?? "") && signs[at - 1] !== "\u200d") return at;
  }
  return end;
}

function bytes(text: string): number {
  let count = 0;
  for (const sign of text) {
    const code = sign.codePointAt(0) ?? 0;
    count += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
  }
  return count;
}
