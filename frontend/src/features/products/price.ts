import { parseAmount } from "@/shared/money";

/** How many zeros a word stands for: "150k" is 150,000, "1tr2" is 1,200,000. */
const SCALES: readonly (readonly [RegExp, number])[] = [
  [/^(?:k|nghìn|nghin|ngàn|ngan)$/u, 3],
  [/^(?:tr|triệu|trieu|m)$/u, 6],
  [/^(?:tỷ|tỉ|ty|ti)$/u, 9],
];
const SHORT = /^(\d+(?:[.,]\d+)*)(\p{L}+)(\d*)(k?)$/u;
/** The server keeps no more digits than these. */
const MOST_DIGITS = 15;

/** A price as people type it, as the server takes it: "1tr2" is "1200000". Null when it is none. */
export function parsePrice(typed: string, currency: string): string | null {
  const text = typed
    .normalize("NFC")
    .toLowerCase()
    .replace(/\s|₫|vnđ|vnd|đồng|đ$/gu, "");
  const amount = scaled(text) ?? parseAmount(text, currency);
  return amount !== null && amount.replace(".", "").length <= MOST_DIGITS ? amount : null;
}

function scaled(text: string): string | null {
  const match = SHORT.exec(text);
  if (match === null) return null;
  const [, amount = "", word = "", rest = "", thousands = ""] = match;
  const zeros = SCALES.find(([pattern]) => pattern.test(word))?.[1];
  if (zeros === undefined) return null;
  const { whole, part } = split(amount);
  if (rest === "") return thousands === "" ? shift(whole, part, zeros) : null;
  // "1tr2" and "1tr250" go on behind the point; "1tr250k" says itself what the second number counts.
  if (part !== "" || rest.length > 3) return null;
  if (thousands === "") return shift(whole, rest, zeros);
  return zeros > 3 ? shift(whole, rest.padStart(zeros - 3, "0"), zeros) : null;
}

/** "1.500" parts thousands, "1,5" is one and a half. */
function split(amount: string): { whole: string; part: string } {
  if (/^\d{1,3}([.,]\d{3})+$/.test(amount)) return { whole: amount.replace(/[.,]/g, ""), part: "" };
  const [whole = "", part = "", ...more] = amount.split(/[.,]/);
  return more.length === 0 ? { whole, part } : { whole: "", part: "" };
}

/** Moves the point to the right. Null when something would stay behind it. */
function shift(whole: string, part: string, zeros: number): string | null {
  const trimmed = part.replace(/0+$/, "");
  if (whole === "" || trimmed.length > zeros) return null;
  return `${whole}${trimmed.padEnd(zeros, "0")}`.replace(/^0+(?=\d)/, "");
}

/** What somebody probably meant who typed a price of less than a thousand dong: "150" is mostly "150k". */
export function likelyPrice(amount: string, currency: string): string | null {
  const value = Number(amount);
  return currency === "VND" && value > 0 && value < 1000 ? `${value}k` : null;
}
