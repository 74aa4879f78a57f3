import type { QueryClient } from "@tanstack/react-query";
import { refreshAttachments } from "@/api/gen/messages/messages";
import type { Message } from "@/api/gen/model";
import { keys } from "../data/keys";
import { type MessagePages, putMessage } from "../data/messages";

/** What Meta did not have a moment ago it does not have now. */
const AGAIN_MS = 10 * 60_000;

interface Asked {
  at: number;
  isUnderWay: boolean;
  answer: Promise<boolean>;
}

const asked = new Map<string, Asked>();

/**
 * Has the server ask Meta where a message's attachments are now; what it says comes into the cache. True when there is an answer.
 * A message is asked for once in a while however many of its pictures are broken, unless a person wants it (`isWanted`).
 */
export function freshen(client: QueryClient, message: Message, isWanted = false): Promise<boolean> {
  const now = Date.now();
  const before = asked.get(message.id);
  if (before !== undefined && (before.isUnderWay || (!isWanted && now - before.at < AGAIN_MS))) {
    return before.answer;
  }
  const entry: Asked = { at: now, isUnderWay: true, answer: ask(client, message) };
  asked.set(message.id, entry);
  void entry.answer.then(() => {
    entry.isUnderWay = false;
  });
  return entry.answer;
}

async function ask(client: QueryClient, { id, conversation_id }: Message): Promise<boolean> {
  try {
    const answer = await refreshAttachments(conversation_id, id);
    client.setQueryData<MessagePages>(
      keys.messages(conversation_id),
      (old) => old && putMessage(old, answer),
    );
    return true;
  } catch {
    // It is gone, or Meta does not answer: the words that stand in its place say so, and how to ask again.
    return false;
  }
}
