import { create } from "zustand";
import type { Presence, Typing } from "./events";

/** Without news somebody counts as gone, or as no longer typing, after this time. */
export const TYPING_MS = 6_000;
export const PRESENCE_MS = 75_000;

interface Seen {
  state: Presence["state"];
  conversationId: string | null;
  until: number;
}

interface People {
  /** By conversation, then person: until when they count as typing. */
  typing: Record<string, Record<string, number>>;
  /** By person. */
  seen: Record<string, Seen>;
}

/** What colleagues do at this moment. The one who looks at it is not among them. */
export const usePeople = create<People>()(() => ({ typing: {}, seen: {} }));

export function noteTyping({ conversation_id, user_id, is_typing }: Typing, now: number): void {
  usePeople.setState(({ typing }) => {
    const { [user_id]: _, ...others } = typing[conversation_id] ?? {};
    const there = is_typing ? { ...others, [user_id]: now + TYPING_MS } : others;
    return { typing: { ...typing, [conversation_id]: there } };
  });
}

/** Takes up who is where; true when this person was not there before. */
export function notePresence({ user_id, state, conversation_id }: Presence, now: number): boolean {
  const isNew = usePeople.getState().seen[user_id] === undefined;
  usePeople.setState(({ seen }) => {
    const { [user_id]: _, ...others } = seen;
    if (state === "offline") return { seen: others };
    const entry = { state, conversationId: conversation_id ?? null, until: now + PRESENCE_MS };
    return { seen: { ...others, [user_id]: entry } };
  });
  return isNew && state !== "offline";
}

/** Forgets what has lapsed. Leaves the state as it is when nothing has, so that nothing is drawn again. */
export function forgetLapsed(now: number): void {
  const { typing, seen } = usePeople.getState();
  const nextTyping = Object.fromEntries(
    Object.entries(typing).flatMap(([conversation, people]) => {
      const left = Object.entries(people).filter(([, until]) => until > now);
      return left.length > 0 ? [[conversation, Object.fromEntries(left)]] : [];
    }),
  );
  const nextSeen = Object.fromEntries(Object.entries(seen).filter(([, entry]) => entry.until > now));
  if (JSON.stringify(typing) !== JSON.stringify(nextTyping)) usePeople.setState({ typing: nextTyping });
  if (Object.keys(seen).length !== Object.keys(nextSeen).length) usePeople.setState({ seen: nextSeen });
}

export function forgetPeople(): void {
  usePeople.setState({ typing: {}, seen: {} });
}

/** Who types in a conversation. */
export function typingIn(people: People, conversationId: string): string[] {
  return Object.keys(people.typing[conversationId] ?? {});
}

/** Who looks at a conversation. */
export function viewersOf(people: People, conversationId: string): string[] {
  return Object.entries(people.seen).flatMap(([id, entry]) =>
    entry.conversationId === conversationId && entry.state === "online" ? [id] : [],
  );
}
