import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useMemo, useRef } from "react";
import { useShallow } from "zustand/react/shallow";
import type { Conversation } from "@/api/gen/model";
import { useSession } from "@/api/session";
import { dayOf, shopZone } from "@/shared/time";
import { outgoingIn, unmatched, useOutbox } from "../compose/outbox";
import { inReadingOrder, messagesOptions, hasNewest as newestIsLoaded } from "../data/messages";
import { notesOptions } from "../data/notes";
import { buildRows, firstUnreadOf } from "./rows";

/** Everything said in a conversation, as the thread shows it. */
export function useThread(conversation: Conversation) {
  const { id } = conversation;
  const me = useSession((state) => state.user?.id ?? "");
  const query = useInfiniteQuery(messagesOptions(id));
  const notesQuery = useQuery(notesOptions(id));
  const notes = notesQuery.data;
  const all = useOutbox(useShallow(({ entries }) => outgoingIn(entries, id, me)));
  const messages = useMemo(() => inReadingOrder(query.data), [query.data]);
  const outgoing = useMemo(() => unmatched(all, messages), [all, messages]);

  // What was unread when the thread was opened stays marked while it is read.
  const unread = useRef<{ count: number; first: string | null } | null>(null);
  unread.current ??= { count: conversation.unread_count, first: null };
  if (unread.current.first === null && messages.length > 0 && unread.current.count > 0) {
    unread.current.first = firstUnreadOf(messages, unread.current.count);
    if (unread.current.first !== null || !query.hasNextPage) unread.current.count = 0;
  }
  const firstUnread = unread.current.first;
  const hasNewest = newestIsLoaded(query.data);
  const isWhole = query.isSuccess && !query.hasNextPage;
  const rows = useMemo(() => {
    const zone = shopZone();
    return buildRows({
      messages,
      notes: notes ?? [],
      outgoing,
      isWhole,
      hasNewest,
      firstUnread,
      me,
      dayOf: (at) => dayOf(at, zone),
    });
  }, [messages, notes, outgoing, isWhole, hasNewest, firstUnread, me]);
  const retryNotes = notesQuery.isError && !notesQuery.isFetching ? () => void notesQuery.refetch() : null;
  return { query, hasNewest, messages, outgoing, rows, me, retryNotes };
}
