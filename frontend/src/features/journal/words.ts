import type { TFunction } from "i18next";
import { ApiError } from "@/api/error";
import type { ItemOutcome, JournalItem } from "@/api/gen/model";
import { errorText } from "@/shared/i18n/errors";
import type { Tone } from "@/shared/ui";

export const TONES: Record<ItemOutcome, Tone> = {
  stored: "success",
  status: "info",
  parked: "warning",
  ignored: "neutral",
  deduplicated: "neutral",
  failed: "error",
  waiting: "warning",
};

const KINDS = [
  "message",
  "echo",
  "unsend",
  "message_edit",
  "reaction",
  "postback",
  "read",
  "delivery",
  "referral",
  "optin",
  "handover",
  "app_roles",
  "policy_enforcement",
  "test",
  "unknown",
  "malformed",
] as const;

const REASONS = [
  "empty_message",
  "empty_receipt",
  "handover_request",
  "no_time",
  "not_a_conversation",
  "optin",
  "app_roles",
  "test",
  "unknown_kind",
  "unknown_policy",
  "message_never_came",
  "channel_gone",
  "event_not_an_object",
  "item_not_an_object",
  "message_not_an_object",
  "message_null",
  "mid_too_long",
  "no_field",
  "no_mid",
  "no_page",
  "no_recipient",
  "no_sender",
] as const;

type T = TFunction<["journal", "common"]>;

/** What an item is, in words; a kind that this app does not know by its own name. */
export function kindText(t: T, kind: string): string {
  const known = KINDS.find((one) => one === kind);
  if (known !== undefined) return t(`journal:kind.${known}`);
  if (kind.startsWith("change")) return t("journal:changes", { field: kind.replace(/^changes?\.?/, "") });
  return kind;
}

/** Why it came to its outcome; null where that is plain. Errors are told as the server tells them: they are for whoever helps. */
export function reasonText(t: T, { reason, outcome }: JournalItem): string | null {
  const known = REASONS.find((one) => one === reason);
  if (known !== undefined) return t(`journal:reason.${known}`);
  if (reason) return reason;
  return outcome === "parked" || outcome === "waiting" ? t(`journal:why.${outcome}`) : null;
}

/** Begins the code of what a comparison with Meta passed over; any other put it off. */
const MISSED = "missed_";

/** Why a channel was not wholly compared with what Meta keeps. */
export function syncText(t: T, error: string): string {
  const isMissed = error.startsWith(MISSED);
  const code = isMissed ? error.slice(MISSED.length) : error;
  const why =
    code === "unsettled" ? t("journal:sync.unsettled") : errorText(new ApiError({ status: 409, code }));
  return isMissed ? t("journal:sync.missed", { why }) : t("journal:sync.error", { why });
}
