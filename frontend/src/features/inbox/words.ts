import type { TFunction } from "i18next";
import type { Contact, Message, Referral } from "@/api/gen/model";
import { plainName } from "@/shared/text";
import { clock, dayName, dayOf, remaining, shopZone, shortDate } from "@/shared/time";

export type InboxWords = TFunction<["inbox", "common"]>;

export function contactName(contact: Contact, t: InboxWords): string {
  return contact.display_name?.trim() || t("unknownCustomer");
}

const KINDS = [
  "image",
  "audio",
  "video",
  "file",
  "sticker",
  "location",
  "story_mention",
  "ig_reel",
  "reel",
  "share",
  "ig_post",
  "post",
  "like_heart",
  "ephemeral",
  "template",
  "fallback",
] as const;

export function kindWord(kind: string, t: InboxWords): string {
  const known = KINDS.find((one) => one === kind);
  return known === undefined ? t("attachment.other") : t(`attachment.${known}`);
}

const SOURCES = [
  "ads",
  "shortlink",
  "customer_chat_plugin",
  "discover_tab",
  "messenger_code",
  "ig_me",
  "product",
] as const;

/** Meta's word for where somebody came from, as it goes on after "came from". */
export function sourceWord({ source, ad_id, product_id }: Referral, t: InboxWords): string {
  const word = source?.toLowerCase().replaceAll("-", "_").replace("ig.me", "ig_me");
  const known = SOURCES.find((one) => one === word);
  if (known !== undefined) return t(`source.kinds.${known}`);
  if (ad_id) return t("source.kinds.ads");
  return product_id ? t("source.kinds.product") : t("source.kinds.other");
}

/** One line that stands for a message. */
export function excerpt(message: Message, t: InboxWords): string {
  if (message.deleted_at) return t("list.removed");
  if (message.content.trim() !== "") return message.content;
  if (message.cards.length > 0) return t("message.cards", { count: message.cards.length });
  if (message.context?.is_unsupported) return t("message.unsupported");
  const first = message.attachments[0];
  if (first === undefined) return message.context?.is_story ? t("story.reply") : t("list.attachment");
  const title = plainName(first.title ?? "");
  return title === "" ? kindWord(first.kind, t) : `${kindWord(first.kind, t)}: ${title}`;
}

/** The same with who wrote it, unless it was the customer. */
export function preview(message: Message, me: string, t: InboxWords): string {
  const text = excerpt(message, t);
  if (message.sender_type === "contact") return text;
  if (message.sender_type === "ai") return t("list.aiPrefix", { text });
  return message.author_id === me ? t("list.yourPrefix", { text }) : t("list.shopPrefix", { text });
}

/** When the last message came, as short as it can be said. */
export function listTime(at: string, now: number, t: InboxWords): string {
  const name = dayName(at, now);
  if (name.kind === "today") return clock(at);
  return name.kind === "yesterday" ? t("common:yesterday") : name.text;
}

/** A day's name for its separator. */
export function dayWord(at: string, now: number, t: InboxWords): string {
  const name = dayName(at, now);
  if (name.kind === "today") return t("common:today");
  return name.kind === "yesterday" ? t("common:yesterday") : name.text;
}

/** A moment that is near: the hour alone when it is today. */
export function momentWord(at: string, now: number): string {
  const isToday = dayOf(at, shopZone()) === dayOf(now, shopZone());
  return isToday ? clock(at) : `${clock(at)} ${shortDate(at)}`;
}

const LONGEST_NAME = 24;

/** A name for a place with little room. */
export function shortName(name: string): string {
  const letters = Array.from(new Intl.Segmenter("vi").segment(name), ({ segment }) => segment);
  return letters.length <= LONGEST_NAME ? name : `${letters.slice(0, LONGEST_NAME).join("")}…`;
}

/** Meta's window. This machine's clock may be behind the server's, yet nobody has more than that left. */
const WINDOW_MS = 24 * 3_600_000;

export function leftWord(until: string, now: number, t: InboxWords): string {
  const end = Math.min(Date.parse(until), now + WINDOW_MS);
  const left = remaining(new Date(end).toISOString(), now);
  if (left === null) return t("window.onlyMinutes", { minutes: 0 });
  if (left.hours === 0) return t("window.onlyMinutes", { minutes: left.minutes });
  return left.minutes === 0 ? t("window.onlyHours", { hours: left.hours }) : t("window.hours", left);
}
