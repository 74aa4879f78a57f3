import type { Conversation, ConversationFilter, ListConversationsParams } from "@/api/gen/model";
import { aiStateAt } from "../rules/ai";

export const FILTERS = [
  "open",
  "unread",
  "mine",
  "needs_human",
  "ai",
  "closing_soon",
  "closed",
  "all",
] as const satisfies readonly ConversationFilter[];

/** Which conversations the list shows. */
export interface Wanted {
  filter: ConversationFilter;
  q: string;
  label: string | null;
  channel: string | null;
}

/** The longest search that the server takes. */
export const LONGEST_SEARCH = 200;
const CLOSING_SOON_MS = 4 * 3_600_000;

/** Everything there is. */
export const EVERYTHING: Wanted = { filter: "all", q: "", label: null, channel: null };

/** Reads it from the address. A search looks everywhere unless a filter was chosen. */
export function readWanted(params: URLSearchParams): Wanted {
  const q = (params.get("q") ?? "").trim().slice(0, LONGEST_SEARCH);
  const filter = FILTERS.find((known) => known === params.get("filter"));
  return {
    filter: filter ?? (q === "" ? "open" : "all"),
    q,
    label: params.get("label"),
    channel: params.get("channel"),
  };
}

/** The address with one choice changed; an empty value takes it out. */
export function withChoice(
  params: URLSearchParams,
  name: "filter" | "q" | "label" | "channel",
  value: string,
) {
  const next = new URLSearchParams(params);
  if (value === "") next.delete(name);
  else next.set(name, value);
  return next;
}

export function isNarrowed({ filter, q, label, channel }: Wanted): boolean {
  return filter !== "open" || q !== "" || label !== null || channel !== null;
}

export function toParams({ filter, q, label, channel }: Wanted): ListConversationsParams {
  return {
    filter,
    ...(q === "" ? {} : { q }),
    ...(label === null ? {} : { label_id: label }),
    ...(channel === null ? {} : { channel_id: channel }),
  };
}

/** Whether a conversation belongs into the list, as the server would say. Null: only the server knows, for it searches messages. */
export function belongs(conversation: Conversation, wanted: Wanted, me: string, now: number): boolean | null {
  if (wanted.channel !== null && conversation.channel_id !== wanted.channel) return false;
  if (wanted.label !== null && !conversation.labels.some(({ id }) => id === wanted.label)) return false;
  if (!passes(conversation, wanted.filter, me, now)) return false;
  return wanted.q === "" ? true : null;
}

function passes(conversation: Conversation, filter: ConversationFilter, me: string, now: number): boolean {
  const { status, unread_count, assignee_id } = conversation;
  switch (filter) {
    case "all":
      return true;
    case "open":
      return status !== "closed";
    case "closed":
      return status === "closed";
    case "unread":
      return unread_count > 0;
    case "mine":
      return assignee_id === me;
    case "needs_human":
      return status === "needs_human";
    case "ai":
      return status === "open" && aiStateAt(conversation.ai, now) === "active";
    case "closing_soon":
      return unread_count > 0 && status !== "closed" && endsSoon(conversation, now);
  }
}

function endsSoon({ reply_window }: Conversation, now: number): boolean {
  const left = reply_window.ai_until ? Date.parse(reply_window.ai_until) - now : 0;
  return left > 0 && left <= CLOSING_SOON_MS;
}
