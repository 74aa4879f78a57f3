import { type QueryClient, useQueryClient } from "@tanstack/react-query";
import { useMemo } from "react";
import {
  markRead,
  markUnread,
  setConversationAi,
  updateConversation,
} from "@/api/gen/conversations/conversations";
import { resolveMessage, retryMessage } from "@/api/gen/messages/messages";
import type { Conversation, ConversationChange, Message, Note } from "@/api/gen/model";
import { addNote, deleteNote } from "@/api/gen/notes/notes";
import { errorText } from "@/shared/i18n/errors";
import { toast } from "@/shared/ui";
import { conversationOptions } from "./conversations";
import { keys } from "./keys";
import { takeConversation } from "./live";
import { type MessagePages, putMessage } from "./messages";
import { putNote } from "./notes";

/** What one can do to a conversation. What is shown changes at once and goes back when the server refuses. */
export class Actions {
  constructor(private readonly client: QueryClient) {}

  change(
    conversation: Conversation,
    change: ConversationChange,
    shown: Partial<Conversation>,
  ): Promise<boolean> {
    return this.hopefully(conversation, shown, () => updateConversation(conversation.id, change));
  }

  setAi(conversation: Conversation, isOn: boolean): Promise<boolean> {
    const ai: Conversation["ai"] = isOn ? { state: "active" } : { state: "off", reason: "switched_off" };
    const shown = { is_ai_enabled: isOn, ai };
    return this.hopefully(conversation, shown, () =>
      setConversationAi(conversation.id, { is_ai_enabled: isOn }),
    );
  }

  /** Nobody asked for it, so nobody is told when it fails. */
  markRead(conversation: Conversation): Promise<boolean> {
    return this.hopefully(conversation, { unread_count: 0 }, () => markRead(conversation.id), false);
  }

  markUnread(conversation: Conversation): Promise<boolean> {
    return this.hopefully(conversation, { unread_count: 1 }, () => markUnread(conversation.id));
  }

  /** The conversation as it is now: live news may be newer than what the one who asks has drawn. */
  current(conversation: Conversation): Conversation {
    return this.client.getQueryData<Conversation>(keys.one(conversation.id)) ?? conversation;
  }

  /** Queues a message again that failed. */
  async retry(message: Message): Promise<void> {
    try {
      this.take(await retryMessage(message.conversation_id, message.id), message);
    } catch (error) {
      toast(errorText(error), { tone: "error" });
    }
  }

  /** Says what became of a message of which nobody knows. */
  async resolve(message: Message, wasDelivered: boolean): Promise<void> {
    try {
      const resolution = { was_delivered: wasDelivered };
      this.take(await resolveMessage(message.conversation_id, message.id, resolution), message);
    } catch (error) {
      toast(errorText(error), { tone: "error" });
    }
  }

  async addNote(conversationId: string, text: string): Promise<Note> {
    const note = await addNote(conversationId, { text });
    this.client.setQueryData<Note[]>(keys.notes(conversationId), (old) => old && putNote(old, note));
    return note;
  }

  async deleteNote(note: Note): Promise<void> {
    const key = keys.notes(note.conversation_id);
    this.client.setQueryData<Note[]>(key, (old) => old?.filter(({ id }) => id !== note.id));
    try {
      await deleteNote(note.conversation_id, note.id);
    } catch (error) {
      this.client.setQueryData<Note[]>(key, (old) => old && putNote(old, note));
      toast(errorText(error), { tone: "error" });
    }
  }

  private take(answer: Message, before: Message): void {
    this.client.setQueryData<MessagePages>(keys.messages(answer.conversation_id), (old) => {
      const current = old?.pages.flatMap(({ items }) => items).find(({ id }) => id === answer.id);
      // The socket may have told what became of it already.
      return old && (current?.status === before.status ? putMessage(old, answer) : old);
    });
  }

  private async hopefully(
    conversation: Conversation,
    shown: Partial<Conversation>,
    ask: () => Promise<Conversation>,
    isTold = true,
  ): Promise<boolean> {
    const before = this.current(conversation);
    takeConversation(this.client, { ...before, ...shown });
    const hoped = this.current(conversation);
    // News that came since are newer than our answer, and than what was before.
    const isOvertaken = () => this.current(conversation) !== hoped;
    try {
      const answer = await ask();
      if (!isOvertaken()) takeConversation(this.client, answer);
      return true;
    } catch (error) {
      if (!isOvertaken()) takeConversation(this.client, before);
      void this.reload(conversation.id);
      if (isTold) toast(errorText(error), { tone: "error" });
      return false;
    }
  }

  /** Brings the server's state into everything that shows the conversation. */
  private async reload(id: string): Promise<void> {
    try {
      const answer = await this.client.fetchQuery({ ...conversationOptions(id), staleTime: 0, retry: false });
      // Events that came meanwhile are in the cache already.
      takeConversation(this.client, this.client.getQueryData<Conversation>(keys.one(id)) ?? answer);
    } catch {
      // Without an answer what is shown stays; coming back online loads it again.
    }
  }
}

export function useActions(): Actions {
  const client = useQueryClient();
  return useMemo(() => new Actions(client), [client]);
}
