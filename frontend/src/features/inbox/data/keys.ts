import type { Wanted } from "./wanted";

/** Names in the query cache. What the socket patches is found by them. */
export const keys = {
  lists: ["conversations"] as const,
  list: (wanted: Wanted) => ["conversations", wanted] as const,
  ones: ["conversation"] as const,
  one: (id: string) => ["conversation", id] as const,
  allMessages: ["messages"] as const,
  messages: (conversationId: string) => ["messages", conversationId] as const,
  allNotes: ["notes"] as const,
  notes: (conversationId: string) => ["notes", conversationId] as const,
};
