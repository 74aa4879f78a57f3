import { type InfiniteData, infiniteQueryOptions } from "@tanstack/react-query";
import { listMessages } from "@/api/gen/messages/messages";
import type { ListMessage, Message } from "@/api/gen/model";
import { keys } from "./keys";
import { insertItem, PAGE, replaceItem } from "./pages";

/** The newest page first, and in each the newest message first. */
export type MessagePages = InfiniteData<ListMessage, string | null>;

export function messagesOptions(conversationId: string) {
  return infiniteQueryOptions<ListMessage, Error, MessagePages, readonly unknown[], string | null>({
    queryKey: keys.messages(conversationId),
    queryFn: ({ pageParam, signal }) =>
      listMessages(
        conversationId,
        { limit: PAGE, ...(pageParam === null ? {} : { cursor: pageParam }) },
        { signal },
      ),
    initialPageParam: null,
    getNextPageParam: (last) => last.next_cursor ?? undefined,
    staleTime: Number.POSITIVE_INFINITY,
  });
}

/**
 * A conversation's messages after one came or changed. With `isAnswer` it is the answer to a request of ours, which may be
 * older than what the socket has told since: then it comes in, but replaces nothing.
 */
export function putMessage(pages: MessagePages, message: Message, isAnswer = false): MessagePages {
  const isIt = ({ id }: Message) => id === message.id;
  const isThere = pages.pages.some((page) => page.items.some(isIt));
  if (isThere) {
    return isAnswer ? pages : replaceItem<Message, ListMessage, string | null>(pages, isIt, () => message);
  }
  const at = Date.parse(message.created_at);
  const comesBefore = (_: Message, other: Message) => at >= Date.parse(other.created_at);
  return insertItem(pages, message, comesBefore, true) ?? pages;
}

/** All that is loaded, the oldest first, as one reads it. */
export function inReadingOrder(pages: MessagePages | undefined): Message[] {
  return (pages?.pages.flatMap((page) => page.items) ?? []).reverse();
}

/** Only the newest so many pages. */
export function newestPages(data: MessagePages, most: number): MessagePages {
  if (data.pages.length <= most) return data;
  return { pages: data.pages.slice(0, most), pageParams: data.pageParams.slice(0, most) };
}
