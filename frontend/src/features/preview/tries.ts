import type { EarlierTurn, Preview } from "@/api/gen/model";

/** One question of the try-out with what came of it. Neither answer nor error: it is being answered. */
export interface Try {
  id: number;
  text: string;
  answer: Preview | null;
  error: unknown;
}

/** The server looks at no more than the last ten messages. */
const MOST_TURNS = 10;

/** What was said before a question, as the assistant would see it in a conversation. Failed questions were never said. */
export function historyOf(tries: readonly Try[]): EarlierTurn[] {
  const turns = tries.flatMap(({ text, answer }) =>
    answer === null
      ? []
      : [
          { sender_type: "contact", content: text },
          ...(answer.answer === "" ? [] : [{ sender_type: "ai", content: answer.answer }]),
        ],
  );
  return turns.slice(-MOST_TURNS);
}

const REASONS = [
  "asks_for_person",
  "complaint",
  "refund",
  "legal",
  "medical",
  "self_harm",
  "nothing_found",
  "not_in_catalogue",
  "guard_blocked",
  "model_asked",
  "budget_used_up",
  "no_text",
] as const;

const RULES = [
  "empty",
  "too_long",
  "characters",
  "markup",
  "unreadable",
  "link",
  "contact",
  "prompt_leak",
  "unknown_product",
  "amount",
  "number",
  "percent",
  "discount",
  "stock",
  "variant",
  "delivery",
  "returns",
  "warranty",
  "payment",
  "place",
  "order",
  "medical",
  "agreement",
  "language",
] as const;

/** A reason that there are words for; null for one that a newer server made up. */
export function knownReason(code: string) {
  return REASONS.find((reason) => reason === code) ?? null;
}

/** The same for the rule that blocked a draft. */
export function knownRule(verdict: string) {
  return RULES.find((rule) => rule === verdict) ?? null;
}
