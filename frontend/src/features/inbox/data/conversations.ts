import { type InfiniteData, infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { getConversation, listConversations } from "@/api/gen/conversations/conversations";
import type { Contact, Conversation, ListConversation, Message } from "@/api/gen/model";
import { keys } from "./keys";
import {
  FIRST_PAGE,
  insertItem,
  type ListParam,
  nextParam,
  PAGE,
  previousParam,
  removeItem,
  replaceItem,
} from "./pages";
import { toParams, type Wanted } from "./wanted";

export type ConversationPages = InfiniteData<ListConversation, ListParam>;

/** So many pages stay in memory: live news take longer with each. */
const MOST_PAGES = 10;
/** What depends on the clock alone is asked for again: nobody sends news of it. */
const CLOCK_MS = 60_000;

export function listOptions(wanted: Wanted) {
  return infiniteQueryOptions<ListConversation, Error, ConversationPages, readonly unknown[], ListParam>({
    queryKey: keys.list(wanted),
    queryFn: ({ pageParam: { cursor }, signal }) =>
      listConversations(
        { ...toParams(wanted), limit: PAGE, ...(cursor === null ? {} : { cursor }) },
        { signal },
      ),
    initialPageParam: FIRST_PAGE,
    getNextPageParam: (last: ListConversation, _pages: ListConversation[], param: ListParam) =>
      nextParam(last, param),
    getPreviousPageParam: (_first: ListConversation, _pages: ListConversation[], param: ListParam) =>
      previousParam(param),
    maxPages: MOST_PAGES,
    staleTime: Number.POSITIVE_INFINITY,
    refetchInterval: wanted.filter === "closing_soon" ? CLOCK_MS : false,
  });
}

export function conversationOptions(id: string) {
  return queryOptions({
    queryKey: keys.one(id),
    queryFn: ({ signal }) => getConversation(id, { signal }),
    staleTime: Number.POSITIVE_INFINITY,
  });
}

/** The newest message first; the id settles a tie as it does on the server. */
export function comesBefore(one: Conversation, other: Conversation): boolean {
  const difference = timeOf(one) - timeOf(other);
  return difference === 0 ? one.id > other.id : difference > 0;
}

function timeOf(conversation: Conversation): number {
  return Date.parse(conversation.last_message_at ?? conversation.created_at);
}

/** A list after a conversation changed. `belongs` null: it stays where it is found, and comes in nowhere. */
export function putConversation(
  pages: ConversationPages,
  conversation: Conversation,
  belongs: boolean | null,
): ConversationPages {
  const isIt = ({ id }: Conversation) => id === conversation.id;
  const old = pages.pages.flatMap((page) => page.items).find(isIt);
  const next = old?.found ? { ...conversation, found: old.found } : conversation;
  if (belongs === false) return removeItem<Conversation, ListConversation, ListParam>(pages, isIt);
  if (old === undefined && belongs === null) return pages;
  const isInPlace = old !== undefined && timeOf(old) === timeOf(next);
  if (isInPlace) return replaceItem<Conversation, ListConversation, ListParam>(pages, isIt, () => next);
  const without = removeItem<Conversation, ListConversation, ListParam>(pages, isIt);
  const startIsLoaded = pages.pageParams[0]?.trail.length === 0;
  return insertItem(without, next, comesBefore, startIsLoaded) ?? without;
}

/** A conversation whose newest message changed, for instance because it was delivered. */
export function withMessage(conversation: Conversation, message: Message): Conversation {
  return conversation.last_message?.id === message.id
    ? { ...conversation, last_message: message }
    : conversation;
}

export function withContact(conversation: Conversation, contact: Contact): Conversation {
  return conversation.contact.id === contact.id ? { ...conversation, contact } : conversation;
}

/** Changes every conversation of a list that a function changes; the same list when it changes none. */
export function mapConversations(
  pages: ConversationPages,
  change: (conversation: Conversation) => Conversation,
): ConversationPages {
  let isChanged = false;
  const next = pages.pages.map((page) => {
    const items = page.items.map(change);
    const differs = items.some((item, index) => item !== page.items[index]);
    isChanged ||= differs;
    return differs ? { ...page, items } : page;
  });
  return isChanged ? { ...pages, pages: next } : pages;
}
