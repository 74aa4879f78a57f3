import type { QueryClient } from "@tanstack/react-query";
import { ApiError, isTransient } from "@/api/error";
import { sendMessage } from "@/api/gen/messages/messages";
import { idempotencyKey } from "@/api/http";
import { useSession } from "@/api/session";
import { keys } from "../data/keys";
import { type MessagePages, putMessage } from "../data/messages";
import { discard, type Outgoing, outgoingIn, save, setSending, toNewMessage, useOutbox } from "./outbox";

const AGAIN_MS = 4_000;
/** A message that waited longer is not sent without its writer: the customer would be surprised by it. */
const LONGEST_WAIT_MS = 3_600_000;
/** Until the message's own row is drawn. */
const LINGER_MS = 300;

const busy = new Set<string>();
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

/** Delivers whenever the network or the page comes back. */
export function startCourier(client: QueryClient): () => void {
  const go = () => deliver(client);
  addEventListener("online", go);
  document.addEventListener("visibilitychange", go);
  go();
  return () => {
    removeEventListener("online", go);
    document.removeEventListener("visibilitychange", go);
    clearTimeout(again);
    again = undefined;
  };
}

async function deliverIn(client: QueryClient, conversationId: string, userId: string): Promise<void> {
  if (busy.has(conversationId)) return;
  busy.add(conversationId);
  const tried = new Set<string>();
  try {
    for (;;) {
      const all = outgoingIn(useOutbox.getState().entries, conversationId, userId);
      const next = all.find(({ id, refusal }) => refusal === null && !tried.has(id));
      if (next === undefined) return;
      tried.add(next.id);
      if (Date.now() - next.at > LONGEST_WAIT_MS) {
        save({ ...next, refusal: { code: "too_old", requestId: null, field: null } });
        continue;
      }
      if (!(await deliverOne(client, next))) return;
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
    client.setQueryData<MessagePages>(
      keys.messages(entry.conversationId),
      (old) => old && putMessage(old, message, true),
    );
    setTimeout(() => discard(entry.id), LINGER_MS);
    return true;
  } catch (error) {
    if (mayPass(error)) {
      again ??= setTimeout(() => {
        again = undefined;
        deliver(client);
      }, AGAIN_MS);
      return false;
    }
    refuse(entry, error);
    return true;
  } finally {
    setSending(entry.id, false);
  }
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
