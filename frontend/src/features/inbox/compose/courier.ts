import type { QueryClient } from "@tanstack/react-query";
import { ApiError, isTransient } from "@/api/error";
import { sendMessage } from "@/api/gen/messages/messages";
import { idempotencyKey } from "@/api/http";
import { useSession } from "@/api/session";
import { keys } from "../data/keys";
import { type MessagePages, putMessage } from "../data/messages";
import { discard, type Outgoing, outgoingIn, save, setSending, toNewMessage, useOutbox } from "./outbox";

/** After a failure it is tried again after so long, twice as long after the next, and so on. */
const FIRST_WAIT_MS = 4_000;
const LONGEST_WAIT_MS = 60_000;
/** A message that waited longer is not sent without its writer: the customer would be surprised by it. */
const TOO_OLD_MS = 3_600_000;
/** Until the message's own row is drawn. */
const LINGER_MS = 300;

const busy = new Set<string>();
/** On the server, and still kept until its own row is drawn. */
const delivered = new Set<string>();
let failures = 0;
let again: ReturnType<typeof setTimeout> | undefined;

/** Brings everything that waits to the server: each conversation's messages one after the other, in order. */
export function deliver(client: QueryClient): void {
  const { user } = useSession.getState();
  if (user === null) return;
  const waiting = Object.values(useOutbox.getState().entries).filter(({ userId }) => userId === user.id);
  for (const id of new Set(waiting.map(({ conversationId }) => conversationId))) {
    void deliverIn(client, id, user.id);
  }
}

async function deliverIn(client: QueryClient, conversationId: string, userId: string): Promise<void> {
  if (busy.has(conversationId)) return;
  busy.add(conversationId);
  // One that is to be sent again is another object than the one that was tried.
  const tried = new Set<Outgoing>();
  try {
    for (;;) {
      const all = outgoingIn(useOutbox.getState().entries, conversationId, userId);
      const next = all.find((one) => one.refusal === null && !tried.has(one) && !delivered.has(one.id));
      if (next === undefined) return;
      tried.add(next);
      if (Date.now() - next.at > TOO_OLD_MS) {
        save({ ...next, refusal: { code: "too_old", requestId: null, field: null } });
      } else if (!(await deliverOne(client, next))) {
        return;
      }
    }
  } finally {
    busy.delete(conversationId);
  }
}

/** False when the rest must wait, too. */
async function deliverOne(client: QueryClient, entry: Outgoing): Promise<boolean> {
  setSending(entry.id, true);
  try {
    const message = await sendMessage(entry.conversationId, toNewMessage(entry), idempotencyKey(entry.id));
    failures = 0;
    client.setQueryData<MessagePages>(
      keys.messages(entry.conversationId),
      (old) => old && putMessage(old, message, true),
    );
    delivered.add(entry.id);
    setTimeout(() => {
      discard(entry.id);
      delivered.delete(entry.id);
    }, LINGER_MS);
    return true;
  } catch (error) {
    if (mayPass(error)) {
      later(client, error);
      return false;
    }
    refuse(entry, error);
    return true;
  } finally {
    setSending(entry.id, false);
  }
}

/** Tries again by itself, not before the server said so. */
function later(client: QueryClient, error: unknown): void {
  const asked = error instanceof ApiError && error.retryAfter !== null ? error.retryAfter * 1000 : 0;
  const wait = Math.max(asked, Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** failures));
  // Conversations that fail together are one failure.
  if (again === undefined) failures += 1;
  clearTimeout(again);
  again = setTimeout(() => {
    again = undefined;
    deliver(client);
  }, wait);
}

/** No network, a server that restarts, a session that is renewed by logging in again: it waits. */
function mayPass(error: unknown): boolean {
  return isTransient(error) || (error instanceof ApiError && (error.status === 401 || error.status === 429));
}

function refuse(entry: Outgoing, error: unknown): void {
  if (useOutbox.getState().entries[entry.id] === undefined) return;
  const told = error instanceof ApiError ? error : null;
  const field = told?.errors[0] ?? null;
  save({
    ...entry,
    refusal: {
      code: told?.code ?? "internal",
      requestId: told?.requestId ?? null,
      field: field === null ? null : `${field.field}.${field.code}`,
    },
  });
}

/** Tries a refused one again as it is. */
export function sendAgain(client: QueryClient, entry: Outgoing): void {
  save({ ...entry, at: Date.now(), refusal: null });
  deliver(client);
}
