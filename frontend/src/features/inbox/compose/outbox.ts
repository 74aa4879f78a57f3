import { create } from "zustand";
import { isRecord } from "@/api/error";
import type { Message, NewMessage } from "@/api/gen/model";
import { useSession } from "@/api/session";
import { newId } from "@/shared/ids";
import { type DraftFile, isFile, isTexts } from "./drafts";
import { Kept } from "./kept";

/** Why the server did not take a message. */
export interface Refusal {
  code: string;
  requestId: string | null;
  /** In the server's words about the refused field, where there is one. */
  field: string | null;
}

/** A product on its way as a card, with what is shown of it until the server has made one. */
export interface OutgoingCard {
  id: string;
  title: string;
  subtitle: string;
  image_url: string | null;
}

/** A message on its way to the server. Its id is the Idempotency-Key, so that asking again sends nothing twice. */
export interface Outgoing {
  id: string;
  userId: string;
  conversationId: string;
  text: string | null;
  file: DraftFile | null;
  /** Answers to tap under the text. */
  quickReplies?: string[];
  /** Products that go as cards, instead of a text. */
  cards?: OutgoingCard[];
  at: number;
  /** Among those of the same moment. */
  order: number;
  refusal: Refusal | null;
}

interface Outbox {
  entries: Record<string, Outgoing>;
  /** Being asked right now. */
  sending: ReadonlySet<string>;
}

const kept = new Kept<Outgoing>("cd.outbox.", isOutgoing);

/** What was sent and is not yet on the server. It outlives a reload. */
export const useOutbox = create<Outbox>()(() => ({ entries: kept.all(Date.now()), sending: new Set() }));

kept.listen((id, entry) => put(id, entry));

/** Takes what is to be sent, files first and then the text, as the platforms want them apart. */
export function enqueue(
  conversationId: string,
  text: string,
  files: readonly DraftFile[],
  quickReplies: readonly string[] = [],
): void {
  const at = Date.now();
  const userId = useSession.getState().user?.id ?? "";
  const body = text.trim();
  const taps = quickReplies.length === 0 ? {} : { quickReplies: [...quickReplies] };
  const contents = [
    ...files.map((file) => ({ text: null, file })),
    ...(body === "" ? [] : [{ text: body, file: null, ...taps }]),
  ];
  for (const [order, content] of contents.entries()) {
    save({ ...content, id: newId(), userId, conversationId, at, order, refusal: null });
  }
}

/** Takes products that are to be sent as cards. */
export function enqueueCards(conversationId: string, cards: OutgoingCard[]): void {
  const userId = useSession.getState().user?.id ?? "";
  const content = { text: null, file: null, cards };
  save({ ...content, id: newId(), userId, conversationId, at: Date.now(), order: 0, refusal: null });
}

export function save(entry: Outgoing): void {
  kept.write(entry.id, entry);
  put(entry.id, entry);
}

export function discard(id: string): void {
  kept.write(id, null);
  put(id, null);
}

export function setSending(id: string, isSending: boolean): void {
  useOutbox.setState(({ sending }) => {
    const next = new Set(sending);
    if (isSending) next.add(id);
    else next.delete(id);
    return { sending: next };
  });
}

/** Of one person and conversation, in the order they were sent. */
export function outgoingIn(
  entries: Record<string, Outgoing>,
  conversationId: string,
  userId: string,
): Outgoing[] {
  return Object.values(entries)
    .filter((entry) => entry.conversationId === conversationId && entry.userId === userId)
    .sort((one, other) => one.at - other.at || one.order - other.order);
}

/** Those that no message shows yet. */
export function unmatched(outgoing: readonly Outgoing[], messages: readonly Message[]): Outgoing[] {
  if (outgoing.length === 0) return [];
  const known = new Set(messages.map(({ client_id }) => client_id));
  return outgoing.filter(({ id }) => !known.has(id));
}

export function toNewMessage({ text, file, cards, quickReplies }: Outgoing): NewMessage {
  if (cards !== undefined) return { product_ids: cards.map(({ id }) => id) };
  if (file !== null) return { attachment_id: file.id };
  return { text: text ?? "", ...(quickReplies === undefined ? {} : { quick_replies: quickReplies }) };
}

function put(id: string, entry: Outgoing | null): void {
  useOutbox.setState(({ entries }) => {
    const { [id]: _, ...others } = entries;
    return { entries: entry === null ? others : { ...others, [id]: entry } };
  });
}

function isOutgoing(value: unknown): value is Outgoing {
  if (!isRecord(value)) return false;
  const { id, userId, conversationId, text, file, cards, quickReplies, at, order, refusal } = value;
  return (
    typeof id === "string" &&
    typeof userId === "string" &&
    typeof conversationId === "string" &&
    (text === null || typeof text === "string") &&
    (file === null || isFile(file)) &&
    (cards === undefined || (Array.isArray(cards) && cards.every(isCard))) &&
    (quickReplies === undefined || isTexts(quickReplies)) &&
    typeof at === "number" &&
    typeof order === "number" &&
    (refusal === null || (isRecord(refusal) && typeof refusal.code === "string"))
  );
}

function isCard(value: unknown): value is OutgoingCard {
  if (!isRecord(value)) return false;
  const { id, title, subtitle, image_url: image } = value;
  return (
    typeof id === "string" &&
    typeof title === "string" &&
    typeof subtitle === "string" &&
    (image === null || typeof image === "string")
  );
}
