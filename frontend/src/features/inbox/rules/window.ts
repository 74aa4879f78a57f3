import type { ReplyWindow } from "@/api/gen/model";

/** `open`: everybody may answer. `people`: only people may, with Meta's tag for them. `closed`: nobody until the customer
 * writes. `never`: the customer has not written yet. */
export type WindowPhase = "open" | "people" | "closed" | "never";

export interface WindowAt {
  phase: WindowPhase;
  /** When this phase ends; null when it does not by itself. */
  until: string | null;
  tone: "green" | "amber" | "red";
}

const SOON_MS = 2 * 3_600_000;

/** Who may still answer at a moment, by Meta's rules. */
export function windowAt(window: ReplyWindow, now: number): WindowAt {
  const { ai_until, human_until } = window;
  if (ai_until && Date.parse(ai_until) > now) {
    const isSoon = Date.parse(ai_until) - now < SOON_MS;
    return { phase: "open", until: ai_until, tone: isSoon ? "amber" : "green" };
  }
  if (human_until && Date.parse(human_until) > now)
    return { phase: "people", until: human_until, tone: "amber" };
  return { phase: human_until || ai_until ? "closed" : "never", until: null, tone: "red" };
}

/** Whether a person may write now. */
export function mayWrite(window: ReplyWindow, now: number): boolean {
  const { phase } = windowAt(window, now);
  return phase === "open" || phase === "people";
}

const WINDOW_MS = 24 * 3_600_000;

/** When the customer last opened the window, in milliseconds since 1970; 0 when never. */
export function openedAt({ ai_until }: ReplyWindow): number {
  return ai_until ? Date.parse(ai_until) - WINDOW_MS : 0;
}
