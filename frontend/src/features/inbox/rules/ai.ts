import type { Ai, AiState } from "@/api/gen/model";

/** What the assistant does at a moment: a pause ends by itself, and nobody sends news of it. */
export function aiStateAt(ai: Ai, now: number): AiState {
  const isOver = ai.state === "paused" && ai.until != null && Date.parse(ai.until) <= now;
  return isOver ? "active" : ai.state;
}
