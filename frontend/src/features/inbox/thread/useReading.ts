import { useEffect, useRef } from "react";
import type { Conversation } from "@/api/gen/model";
import { useConnection } from "@/realtime/connection";
import { useRights } from "@/shared/rights";
import { useActions } from "../data/actions";
import { useVisible } from "./useEnd";

/** Conversations that were marked as unread on purpose: they stay so until something new comes or one leaves them. */
const keptUnread = new Set<string>();

export function keepUnread(id: string): void {
  keptUnread.add(id);
}

/** Marks a conversation as read when its end is really seen. */
export function useReading(conversation: Conversation, isAtEnd: boolean): void {
  const actions = useActions();
  const isVisible = useVisible();
  const isOnline = useConnection(({ phase }) => phase === "online");
  const { works } = useRights();
  const { id, unread_count: unread, last_message_at: newest } = conversation;
  /** For which newest message it was asked: after a failure the next one asks again, or a connection that comes back. */
  const asked = useRef<string | null>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new message ends the wish to keep it unread
  useEffect(
    () => () => {
      keptUnread.delete(id);
    },
    [id, newest],
  );
  useEffect(() => {
    const key = `${newest} ${isOnline}`;
    if (unread === 0 || !isAtEnd || !isVisible || !works || asked.current === key || keptUnread.has(id))
      return;
    asked.current = key;
    void actions.markRead(conversation);
  }, [actions, conversation, id, unread, newest, isAtEnd, isVisible, isOnline, works]);
}
