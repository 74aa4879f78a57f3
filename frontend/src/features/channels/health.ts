import type { Channel } from "@/api/gen/model";
import type { Tone } from "@/shared/ui";

const STATES = ["ok", "silent", "needs_reconnect", "restricted"] as const;
export type ShownState = (typeof STATES)[number] | "blocked" | "inactive" | "unknown";

/** How a channel is, as shown: one that was disconnected is neither well nor ill, and a block weighs more than what else is known. */
export function shownState(channel: Channel): ShownState {
  if (!channel.is_active) return "inactive";
  if (channel.sending === "blocked") return "blocked";
  // A newer server may know states that this app does not.
  return STATES.find((state) => state === channel.health.state) ?? "unknown";
}

export const TONES: Record<ShownState, Tone> = {
  ok: "success",
  silent: "warning",
  needs_reconnect: "error",
  restricted: "error",
  blocked: "error",
  inactive: "neutral",
  unknown: "neutral",
};

/** Whether connecting again is what helps. */
export function wantsReconnect(state: ShownState): boolean {
  return state === "needs_reconnect" || state === "silent" || state === "inactive";
}

const TROUBLES = [
  "app_removed",
  "checkpoint",
  "password_changed",
  "expired",
  "unconfirmed",
  "logged_out",
  "role_lost",
  "other_page",
  "permission",
  "deauthorized",
  "blocked",
] as const;
export type Trouble = (typeof TROUBLES)[number];

/** What exactly is wrong with a channel, where it is known and more than its state says. */
export function troubleOf(channel: Channel): Trouble | null {
  // A page that Meta's policy blocks is no better off with a new token.
  if (!channel.is_active || channel.sending === "blocked") return null;
  return TROUBLES.find((trouble) => trouble === channel.health.reason) ?? null;
}
