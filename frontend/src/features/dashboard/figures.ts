import type { Dashboard } from "@/api/gen/model";

/** Whether nothing at all happened. */
export function isQuiet(told: Dashboard): boolean {
  const { conversations, messages_in, answers_ai, answers_human, handovers } = told;
  return conversations + messages_in + answers_ai + answers_human + handovers.length === 0;
}

/** The share of the assistant in all answers, 0 to 1; null when there were none. */
export function shareOfAi({ answers_ai, answers_human }: Dashboard): number | null {
  const all = answers_ai + answers_human;
  return all === 0 ? null : answers_ai / all;
}

export function allHandovers({ handovers }: Dashboard): number {
  return handovers.reduce((sum, { count }) => sum + count, 0);
}

/** The lines of the chart, in the order in which they are drawn. */
export const LINES = [
  { key: "messages_in", color: "--cd-border-strong", dash: [6, 4] },
  { key: "answers_ai", color: "--cd-ai", dash: [] },
  { key: "answers_human", color: "--cd-primary", dash: [2, 3] },
] as const;
