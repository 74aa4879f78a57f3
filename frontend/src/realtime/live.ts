import type { QueryClient } from "@tanstack/react-query";
import { issueWsTicket } from "@/api/gen/live/live";
import { renewAccess } from "@/api/renew";
import { currentAccess, useSession } from "@/api/session";
import { applyEvents, resyncAll } from "./apply";
import { setPhase } from "./connection";
import type { Presence, PresenceState } from "./events";
import { forgetLapsed, forgetPeople, notePresence, noteTyping } from "./people";
import { type Arrived, LiveSocket } from "./socket";

const TYPING_EVERY_MS = 3_000;
const PRESENCE_EVERY_MS = 30_000;

let socket: LiveSocket | null = null;
let viewing: string | null = null;
let typed: { conversationId: string; at: number } | null = null;

/** Opens the live socket of the session's business and keeps it open until the returned function is called. */
export function goLive(client: QueryClient, businessId: string): () => void {
  const live = new LiveSocket({
    ticket: async () => (await issueWsTicket()).ticket,
    url: () => socketUrl(businessId),
    onEvents: (events) => {
      noteMoments(events);
      applyEvents(client, events);
    },
    onResync: () => resyncAll(client),
    onPhase: (phase) => {
      setPhase(phase);
      if (phase === "online") announce();
      if (phase === "offline") forgetPeople();
    },
    onSessionOver: async () => {
      await renewAccess(currentAccess()?.token ?? null);
    },
  });
  socket = live;
  live.start();
  const ticks = setInterval(() => forgetLapsed(Date.now()), 1_000);
  const announcements = setInterval(announce, PRESENCE_EVERY_MS);
  document.addEventListener("visibilitychange", lookedAt);
  addEventListener("pagehide", leave);
  return () => {
    clearInterval(ticks);
    clearInterval(announcements);
    document.removeEventListener("visibilitychange", lookedAt);
    removeEventListener("pagehide", leave);
    leave();
    live.stop();
    forgetPeople();
    if (socket === live) socket = null;
  };
}

/** Tells colleagues which conversation is on screen; null for none. */
export function sendViewing(conversationId: string | null): void {
  if (viewing === conversationId) return;
  viewing = conversationId;
  announce();
}

/** The conversation on screen; null for none. */
export function viewedConversation(): string | null {
  return viewing;
}

/** Tells colleagues that this person writes, at most every few seconds, or has stopped. */
export function sendTyping(conversationId: string, isTyping: boolean): void {
  const now = Date.now();
  const again = typed?.conversationId === conversationId && now - typed.at < TYPING_EVERY_MS;
  if (isTyping ? again : typed?.conversationId !== conversationId) return;
  typed = isTyping ? { conversationId, at: now } : null;
  socket?.send({ type: "typing", data: { conversation_id: conversationId, is_typing: isTyping } });
}

/** Says where this person is. A tab in the background is silent: the one in front speaks for the person. */
function announce(): void {
  if (!document.hidden) present("online");
}

function lookedAt(): void {
  present(document.hidden ? "away" : "online");
}

function leave(): void {
  present("offline");
}

function present(state: PresenceState): void {
  const where = state === "offline" || viewing === null ? {} : { conversation_id: viewing };
  socket?.send({ type: "presence", data: { state, ...where } });
}

function noteMoments(events: readonly Arrived[]): void {
  const self = useSession.getState().user?.id;
  const now = Date.now();
  for (const { event } of events) {
    if (event.type === "typing" && event.data.user_id !== self) noteTyping(event.data, now);
    if (event.type === "presence" && mustAnswer(event.data, self, now)) announce();
  }
}

/** Who has just come does not know who was there before. And another tab of this person that closes does not take them away. */
function mustAnswer(presence: Presence, self: string | undefined, now: number): boolean {
  return presence.user_id === self ? presence.state !== "online" : notePresence(presence, now);
}

function socketUrl(businessId: string): string {
  const base = import.meta.env.VITE_WS_URL || import.meta.env.VITE_API_URL || location.origin;
  const url = new URL(`/ws/${encodeURIComponent(businessId)}`, base);
  url.protocol = url.protocol === "https:" || url.protocol === "wss:" ? "wss:" : "ws:";
  return url.href;
}
