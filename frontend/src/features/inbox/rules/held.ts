import type { Channel, Message } from "@/api/gen/model";

/** Why a message waits: its page cannot send now, or it takes longer than it should. */
export type Held = "blocked" | "needs_reconnect" | "restricted" | "slow";

/** Sending takes seconds. */
const SLOW_MS = 60_000;

/** Why a message of ours waits; null when it does not, or only for a moment. */
export function heldBy(
  { status, created_at }: Pick<Message, "status" | "created_at">,
  channel: Channel | null,
  now: number,
): Held | null {
  if (status !== "queued") return null;
  if (channel?.is_active && channel.sending === "blocked") return "blocked";
  const state = channel?.is_active ? channel.health.state : null;
  if (state === "needs_reconnect" || state === "restricted") return state;
  return now - Date.parse(created_at) > SLOW_MS ? "slow" : null;
}
