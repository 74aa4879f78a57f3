import { type InfiniteData, infiniteQueryOptions, type QueryClient } from "@tanstack/react-query";
import { listMessages } from "@/api/gen/messages/messages";
import type { Message, Messages } from "@/api/gen/model";
import { keys } from "./keys";
import { allItems, insertItem, PAGE, replaceItem } from "./pages";

/** Where a page begins: null at the newest message, a cursor of the server's, or around a message. */
export type Place = string | null | { around: string };

/**
 * The newest page first, and in each the newest message first. The first page's `previous_cursor` leads towards newer messages: as
 * long as it has one, the conversation's end is not loaded.
 */
export type MessagePages = InfiniteData<Messages, Place>;

export function messagesOptions(conversationId: string) {
  return infiniteQueryOptions<Messages, Error, MessagePages, readonly unknown[], Place>({
    queryKey: keys.messages(conversationId),
    queryFn: ({ pageParam, signal }) => fetchPage(conversationId, pageParam, signal),
    initialPageParam: null,
    getNextPageParam: (last) => last.next_cursor ?? undefined,
    getPreviousPageParam: (first) => first.previous_cursor ?? undefined,
    staleTime: Number.POSITIVE_INFINITY,
  });
}

function fetchPage(conversationId: string, place: Place, signal?: AbortSignal): Promise<Messages> {
  const where = place === null ? {} : typeof place === "string" ? { cursor: place } : place;
  return listMessages(conversationId, { limit: PAGE, ...where }, signal === undefined ? {} : { signal });
}

/** Loads the page at a place and shows it instead of what is loaded. What is there stays until the page has come. */
export async function showPlace(
  client: QueryClient,
  conversationId: string,
  place: Exclude<Place, string>,
  signal: AbortSignal,
): Promise<void> {
  const page = await fetchPage(conversationId, place, signal);
  const queryKey = keys.messages(conversationId);
  await client.cancelQueries({ queryKey, exact: true });
  if (signal.aborted) return;
  client.setQueryData<MessagePages>(queryKey, { pages: [page], pageParams: [place] });
  // What the socket told while the page was under way could not come into it.
  if (isAtNewest(page)) void client.invalidateQueries({ queryKey, exact: true });
}

function isAtNewest({ previous_cursor }: Messages): boolean {
  return !previous_cursor;
}

/** Whether the newest message is loaded. */
export function hasNewest(data: MessagePages | undefined): boolean {
  const first = data?.pages[0];
  return first === undefined || isAtNewest(first);
}

/**
 * A conversation's messages after one came or changed. With `isAnswer` it is the answer to a request of ours, which may be
 * older than what the socket has told since: then it comes in, but replaces nothing. What is newer than all that is loaded waits
 * for its page when the end is not loaded: alone it would hide the gap before it.
 */
export function putMessage(data: MessagePages, message: Message, isAnswer = false): MessagePages {
  const isIt = ({ id }: Message) => id === message.id;
  const isThere = data.pages.some((page) => page.items.some(isIt));
  if (isThere) {
    return isAnswer ? data : replaceItem<Message, Messages, Place>(data, isIt, () => message);
  }
  const at = Date.parse(message.created_at);
  const comesBefore = (_: Message, other: Message) => at >= Date.parse(other.created_at);
  return insertItem(data, message, comesBefore, hasNewest(data)) ?? data;
}

/** All that is loaded, the oldest first, as one reads it. */
export function inReadingOrder(data: MessagePages | undefined): Message[] {
  return allItems(data).reverse();
}

/** Only the newest so many pages. */
export function newestPages(data: MessagePages, most: number): MessagePages {
  if (data.pages.length <= most) return data;
  return { pages: data.pages.slice(0, most), pageParams: data.pageParams.slice(0, most) };
}
