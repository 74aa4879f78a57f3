import { create } from "zustand";
import type { Session, User } from "./gen/model";

/** `unknown` until the first refresh was answered. */
export type SessionPhase = "unknown" | "in" | "out";
/** Why somebody is out: they left, or the session ended by itself. */
export type OutReason = "left" | "ended" | null;

interface SessionState {
  phase: SessionPhase;
  user: User | null;
  reason: OutReason;
  /** Why it is still unknown whether there is a session. */
  startError: unknown;
}

export const useSession = create<SessionState>()(() => ({
  phase: "unknown",
  user: null,
  reason: null,
  startError: null,
}));

/** An access token with its end. It lives in memory only. */
export interface Access {
  token: string;
  /** Milliseconds since 1970 by this machine's clock. */
  expiresAt: number;
}

/** Whether this browser may have a session: without it the first visit asks for none and logs no failed request. */
const HINT = "cd.session";
let access: Access | null = null;
/** Whose drafts, uploads and messages on screen this page holds, also after they logged out. */
let owner: string | null = null;

export function currentAccess(): Access | null {
  return access;
}

/** Takes up a session. Of another person than before: everything on screen is theirs no longer, so the page starts anew. */
export function begin(session: Session, now: number): Access {
  if (owner !== null && owner !== session.user.id) location.reload();
  owner = session.user.id;
  access = { token: session.access_token, expiresAt: now + session.expires_in * 1000 };
  remember(true);
  useSession.setState({ phase: "in", user: session.user, reason: null, startError: null });
  return access;
}

/** Takes up an admin's visit to a business: this window's alone, so that nothing of it is remembered. */
export function beginVisiting(user: User, visiting: Access): void {
  access = visiting;
  useSession.setState({ phase: "in", user, reason: null, startError: null });
}

export function end(reason: OutReason): void {
  access = null;
  remember(false);
  useSession.setState({ phase: "out", user: null, reason, startError: null });
}

/** After the profile was changed. */
export function setUser(user: User): void {
  useSession.setState((state) => (state.phase === "in" ? { user } : {}));
}

export function mayHaveSession(): boolean {
  try {
    return localStorage.getItem(HINT) !== null;
  } catch {
    return true;
  }
}

function remember(yes: boolean): void {
  try {
    if (yes) localStorage.setItem(HINT, "1");
    else localStorage.removeItem(HINT);
  } catch {
    // Storage is switched off; then every visit asks.
  }
}
