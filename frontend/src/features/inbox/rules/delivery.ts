import type { Message, Platform } from "@/api/gen/model";

export type Delivery = "queued" | "sending" | "sent" | "delivered" | "read" | "failed" | "unknown";

/** How far a message of ours got, as far as the platform tells: Instagram never says that one was delivered. */
export function deliveryOf(message: Message, platform: Platform): Delivery | null {
  if (message.sender_type === "contact" || message.status === "received") return null;
  if (platform === "instagram" && message.status === "delivered") return "sent";
  return message.status;
}

/** After these the same message may well get through. After others it would fail again, or the server decides better. */
const MAY_PASS = new Set([
  "too_old",
  "not_sent",
  "previous_part",
  "tenant_suspended",
  "tenant_deleting",
  "channel_disconnected",
  "needs_reconnect",
  "restricted",
  "permission",
  "rejected",
  "recipient_unavailable",
  "rate_limited",
  "unreachable",
  "unavailable",
  "overloaded",
  "internal",
  "too_many_requests",
]);
const NEEDS_CHANNEL = new Set(["channel_disconnected", "needs_reconnect", "permission", "restricted"]);

export interface Chances {
  /** Whether a person may write now. */
  isWindowOpen: boolean;
  /** When the customer last opened it, in milliseconds since 1970. */
  openedAt: number;
  /** Whether the page or account is connected and works. */
  isChannelReady: boolean;
}

/** Whether sending again can succeed. `at`: when it was sent, in milliseconds since 1970. */
export function mayRetry(
  code: string,
  at: number,
  { isWindowOpen, openedAt, isChannelReady }: Chances,
): boolean {
  if (!isWindowOpen) return false;
  // Meta said so; only the customer can change it.
  if (code === "window_closed") return openedAt > at;
  if (NEEDS_CHANNEL.has(code) && !isChannelReady) return false;
  return MAY_PASS.has(code);
}
