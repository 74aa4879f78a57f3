import type { Conversation, Message, Note } from "@/api/gen/model";

/** What tests build on. */
export function aMessage(change: Partial<Message> = {}): Message {
  return {
    id: "m1",
    conversation_id: "c1",
    sender_type: "contact",
    content: "Áo này còn không?",
    status: "received",
    attachments: [],
    reactions: [],
    cards: [],
    quick_replies: [],
    needs_decision: false,
    origin: "live",
    created_at: "2026-11-22T10:00:00Z",
    ...change,
  };
}

export function aNote(change: Partial<Note> = {}): Note {
  return {
    id: "n1",
    conversation_id: "c1",
    author_id: "u1",
    text: "Khách quen",
    created_at: "2026-11-22T10:00:00Z",
    ...change,
  };
}

export function aConversation(change: Partial<Conversation> = {}): Conversation {
  return {
    id: "c1",
    channel_id: "ch1",
    contact: { id: "k1", platform: "facebook", platform_user_id: "7001", created_at: "2026-11-20T10:00:00Z" },
    platform: "facebook",
    last_message_at: "2026-11-22T10:00:00Z",
    is_ai_enabled: true,
    status: "open",
    ai: { state: "active" },
    unread_count: 0,
    reply_window: { ai_until: "2026-11-23T10:00:00Z", human_until: "2026-11-29T10:00:00Z" },
    created_at: "2026-11-20T10:00:00Z",
    labels: [],
    note_count: 0,
    undecided_count: 0,
    is_other_apps: false,
    ...change,
  };
}
