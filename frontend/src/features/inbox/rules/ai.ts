import type { Ai, AiState } from "@/api/gen/model";

/** Whether a person can give the word back to the assistant: not while another app has the conversation, which alone can. */
export function mayHandBack(ai: Ai, now: number): boolean {
  const state = aiStateAt(ai, now);
  return (state === "paused" || state === "handed_over") && ai.reason !== "other_app";
}

/** What the assistant does at a moment: a pause ends by itself, and nobody sends news of it. */
export function aiStateAt(ai: Ai, now: number): AiState {
  const isOver = ai.state === "paused" && ai.until != null && Date.parse(ai.until) <= now;
  return isOver ? "active" : ai.state;
}
