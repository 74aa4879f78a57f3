import { useEffect, useRef } from "react";
import type { Conversation } from "@/api/gen/model";
import { useSession } from "@/api/session";
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
  const mayWrite = useSession((state) => state.user?.member_role !== "viewer");
  const { id, unread_count: unread, last_message_at: newest } = conversation;
  const asked = useRef(false);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new message ends the wish to keep it unread
  useEffect(
    () => () => {
      keptUnread.delete(id);
    },
    [id, newest],
  );
  useEffect(() => {
    if (unread === 0) asked.current = false;
    if (unread === 0 || !isAtEnd || !isVisible || !mayWrite || asked.current || keptUnread.has(id)) return;
    asked.current = true;
    void actions.markRead(conversation).then((done) => {
      // When it failed, the next message asks again.
      asked.current = !done;
    });
  }, [actions, conversation, id, unread, isAtEnd, isVisible, mayWrite]);
}
