import { isRecord } from "@/api/error";
import type {
  Ai,
  Channel,
  Contact,
  Conversation,
  Health,
  Import,
  Message,
  Policy,
  Product,
  ReplyWindow,
} from "@/api/gen/model";
import { flag, list, maybe, shape, text, whole } from "./shape";

/** A colleague writes in a conversation, or stopped. */
export interface Typing {
  user_id: string;
  conversation_id: string;
  is_typing: boolean;
}

export type PresenceState = "online" | "away" | "offline";

/** A colleague came, went, or looks at a conversation. */
export interface Presence {
  user_id: string;
  state: PresenceState;
  conversation_id?: string | null;
}

/** What is left of a product that was removed. */
export interface RemovedProduct {
  id: string;
  deleted: true;
}

/** Many products change at once: how far the file is that is taken over. */
export interface ProductsChanged {
  import: Import;
}

/** What happens in the business. Only the first five kinds have a `seq`. */
export type LiveEvent =
  | { type: "message.created" | "message.updated"; data: Message }
  | { type: "conversation.created" | "conversation.updated"; data: Conversation }
  | { type: "contact.updated"; data: Contact }
  | { type: "channel.updated"; data: Channel }
  | { type: "product.updated"; data: Product | RemovedProduct }
  | { type: "products.changed"; data: ProductsChanged }
  | { type: "typing"; data: Typing }
  | { type: "presence"; data: Presence };

/** A frame about the stream itself. */
export type Control =
  | { type: "hello"; seq: number }
  | { type: "resumed" | "resync"; seq: number }
  | { type: "error"; code: string };

export type Frame =
  | { kind: "event"; seq: number | null; event: LiveEvent }
  | { kind: "control"; control: Control }
  /** It counts as received, and what it would change must be loaded again. */
  | { kind: "unreadable"; seq: number | null };

/** Reads a frame. Never throws: a newer server may say what this app does not know. */
export function readFrame(json: string): Frame {
  const frame = parse(json);
  if (!isRecord(frame)) return { kind: "unreadable", seq: null };
  const seq = typeof frame.seq === "number" && Number.isSafeInteger(frame.seq) ? frame.seq : null;
  const control = readControl(frame, seq);
  if (control !== null) return { kind: "control", control };
  const event = readEvent(frame.type, frame.data);
  return event === null ? { kind: "unreadable", seq } : { kind: "event", seq, event };
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return null;
  }
}

function readControl(frame: Record<string, unknown>, seq: number | null): Control | null {
  const data = isRecord(frame.data) ? frame.data : {};
  if (frame.type === "hello" && seq !== null) return { type: "hello", seq };
  if ((frame.type === "resumed" || frame.type === "resync") && typeof data.seq === "number") {
    return { type: frame.type, seq: data.seq };
  }
  return frame.type === "error" ? { type: "error", code: String(data.code) } : null;
}

function readEvent(type: unknown, data: unknown): LiveEvent | null {
  switch (type) {
    case "message.created":
    case "message.updated":
      return isMessage(data) ? { type, data } : null;
    case "conversation.created":
    case "conversation.updated":
      return isConversation(data) ? { type, data } : null;
    case "contact.updated":
      return isContact(data) ? { type, data } : null;
    case "channel.updated":
      return isChannel(data) ? { type, data } : null;
    case "product.updated":
      return isProduct(data) || isRemoved(data) ? { type, data } : null;
    case "products.changed":
      return isProductsChanged(data) ? { type, data } : null;
    case "typing":
      return isTyping(data) ? { type, data } : null;
    case "presence":
      return isPresence(data) ? { type, data } : null;
    default:
      return null;
  }
}

const isContact = shape<Contact>({
  id: text,
  platform: text,
  display_name: maybe(text),
  profile_pic_url: maybe(text),
});
const isMessage = shape<Message>({
  id: text,
  conversation_id: text,
  sender_type: text,
  content: text,
  status: text,
  attachments: list(shape({ kind: text })),
  reactions: list(shape({ reaction: text })),
  created_at: text,
});
const isConversation = shape<Conversation>({
  id: text,
  channel_id: text,
  contact: isContact,
  status: text,
  ai: shape<Ai>({ state: text }),
  is_ai_enabled: flag,
  unread_count: whole,
  labels: list(shape({ id: text, name: text })),
  reply_window: shape<ReplyWindow>({}),
  last_message: maybe(isMessage),
  created_at: text,
});
const isChannel = shape<Channel>({
  id: text,
  platform: text,
  page_name: text,
  health: shape<Health>({ state: text }),
  sending: text,
  policy: shape<Policy>({ state: text }),
});
const isProduct = shape<Product>({
  id: text,
  name: text,
  price: text,
  currency: text,
  image_urls: list(text),
  variants: list(shape({ name: text })),
  embedding_status: text,
});
const isProductsChanged = shape<ProductsChanged>({
  import: shape<Import>({
    id: text,
    state: text,
    dry_run: flag,
    columns: list(shape({ header: text, field: text })),
    rows_done: whole,
    created_at: text,
  }),
});
const isRemoved = shape<RemovedProduct>({ id: text, deleted: (value) => value === true });
const isTyping = shape<Typing>({ user_id: text, conversation_id: text, is_typing: flag });
const isPresence = shape<Presence>({
  user_id: text,
  state: (value) => value === "online" || value === "away" || value === "offline",
  conversation_id: maybe(text),
});
