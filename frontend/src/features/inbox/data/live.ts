import type { QueryClient } from "@tanstack/react-query";
import type { Conversation } from "@/api/gen/model";
import { useSession } from "@/api/session";
import type { LivePart } from "@/realtime/apply";
import type { LiveEvent } from "@/realtime/events";
import {
  type ConversationPages,
  mapConversations,
  putConversation,
  withContact,
  withMessage,
} from "./conversations";
import { keys } from "./keys";
import { meet } from "./members";
import { type MessagePages, newestPages, putMessage } from "./messages";
import { reloadStaleNotes } from "./notes";
import { belongs, type Wanted } from "./wanted";

const KEPT_PAGES = 4;
const KEYS = [keys.lists, keys.ones, keys.allMessages, keys.allNotes];

/** Keeps conversations, messages and notes in the cache as the socket tells. */
export const inboxLive: LivePart = {
  keys: KEYS,
  apply(client, events) {
    for (const { event } of events) applyOne(client, event);
  },
  resync(client) {
    // A long history would come again page by page: what is far up is fetched anew when it is scrolled to.
    client.setQueriesData<MessagePages>(
      { queryKey: keys.allMessages },
      (old) => old && newestPages(old, KEPT_PAGES),
    );
    // The open thread and the lists that are on screen come again at once, the others when they are.
    for (const queryKey of KEYS) {
      void client.invalidateQueries({ queryKey });
    }
  },
};

function applyOne(client: QueryClient, event: LiveEvent): void {
  switch (event.type) {
    case "message.created":
    case "message.updated": {
      const message = event.data;
      meet(client, [message.author_id]);
      client.setQueryData<MessagePages>(
        keys.messages(message.conversation_id),
        (old) => old && putMessage(old, message),
      );
      patchAll(client, (conversation) => withMessage(conversation, message));
      break;
    }
    case "conversation.created":
    case "conversation.updated":
      takeConversation(client, event.data);
      break;
    case "contact.updated":
      patchAll(client, (conversation) => withContact(conversation, event.data));
      break;
    default:
  }
}

/** Brings a conversation, from the socket or from an answer, into everything that shows it. */
export function takeConversation(client: QueryClient, conversation: Conversation): void {
  const me = useSession.getState().user?.id ?? "";
  const now = Date.now();
  reloadStaleNotes(client, conversation);
  meet(client, [conversation.assignee_id]);
  client.setQueryData<Conversation>(keys.one(conversation.id), (old) => old && conversation);
  for (const [key, pages] of client.getQueriesData<ConversationPages>({ queryKey: keys.lists })) {
    const wanted = wantedOf(key);
    if (pages === undefined || wanted === null) continue;
    client.setQueryData(key, putConversation(pages, conversation, belongs(conversation, wanted, me, now)));
  }
}

function patchAll(client: QueryClient, change: (conversation: Conversation) => Conversation): void {
  client.setQueriesData<Conversation>({ queryKey: keys.ones }, (old) => old && change(old));
  client.setQueriesData<ConversationPages>(
    { queryKey: keys.lists },
    (old) => old && mapConversations(old, change),
  );
}

function wantedOf(key: readonly unknown[]): Wanted | null {
  const wanted = key[1];
  return isWanted(wanted) ? wanted : null;
}

function isWanted(value: unknown): value is Wanted {
  return typeof value === "object" && value !== null && "filter" in value && "q" in value;
}
