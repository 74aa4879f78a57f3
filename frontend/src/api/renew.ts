import { ApiError } from "./error";
import type { Session, User } from "./gen/model";
import { exclusively } from "./lock";
import {
  type Access,
  begin,
  beginVisiting,
  currentAccess,
  end,
  mayHaveSession,
  type OutReason,
  useSession,
} from "./session";
import { hearTabs, tellTabs } from "./tabs";
import { endVisit, type Visiting, visit } from "./visit";
import { CSRF, send } from "./wire";

/** A token this close to its end is renewed before it is used. */
const MARGIN_MS = 30_000;

/**
 * How long each try to renew may take. The server hands out a lost answer once more within ten seconds of the first; a token that
 * comes back later looks stolen to it. So the tries begin early, and only the last one has time.
 */
const QUICK_MS = 3_000;
const LAST_MS = 12_000;
const MORE_TRIES = 2;

let renewing: Promise<Access> | null = null;

/** The access token, renewed first when it is about to end; null when nobody is logged in. */
export async function freshAccess(): Promise<Access | null> {
  const access = currentAccess();
  if (access === null) return null;
  if (access.expiresAt - Date.now() > MARGIN_MS) return access;
  return renewAccess(access.token);
}

/** Another access token than the one that no longer works. All who ask meanwhile get the same. */
export function renewAccess(stale: string | null): Promise<Access> {
  renewing ??= exclusively("refresh", () => renew(stale)).finally(() => {
    renewing = null;
  });
  return renewing;
}

async function renew(stale: string | null): Promise<Access> {
  // A visit is not renewed: it is over, and the way back is the console.
  if (visit() !== null) {
    endVisit();
    throw new ApiError({ status: 401, code: "unauthenticated" });
  }
  // While this tab waited for its turn, another may have renewed the session that all of them share. Spending the
  // refresh token twice would look like theft to the server, and end it.
  const access = currentAccess();
  if (access !== null && access.token !== stale) return access;
  try {
    const session = await refreshed();
    // Somebody logged out meanwhile, here or in another tab: a late answer must not log in again.
    if (isOut()) throw new ApiError({ status: 401, code: "unauthenticated" });
    return started(session);
  } catch (error) {
    if (error instanceof ApiError && error.status === 401 && !isOut()) ended("ended");
    throw error;
  }
}

async function refreshed(left = MORE_TRIES): Promise<Session> {
  const timeout = left > 0 ? QUICK_MS : LAST_MS;
  try {
    return await send<Session>({ method: "POST", url: "/api/auth/refresh", headers: CSRF, timeout }, null);
  } catch (error) {
    const isLost = error instanceof ApiError && error.status === 0;
    if (!isLost || left === 0) throw error;
    return refreshed(left - 1);
  }
}

function isOut(): boolean {
  return useSession.getState().phase === "out";
}

/** Takes up a session here and in the other tabs. */
export function started(session: Session): Access {
  tellTabs({ kind: "began", session });
  return begin(session, Date.now());
}

/** Ends the session here and in the other tabs. */
export function ended(reason: OutReason): void {
  tellTabs({ kind: "ended", reason });
  end(reason);
}

/** At the start: takes up the session of the cookie, if there is one. The failure is kept for the page to show. */
export async function restoreSession(): Promise<void> {
  const kept = visit();
  if (kept !== null) return restoreVisit(kept);
  if (!mayHaveSession()) {
    end(null);
    return;
  }
  useSession.setState({ startError: null });
  try {
    await renewAccess(null);
  } catch (error) {
    if (useSession.getState().phase === "unknown") useSession.setState({ startError: error });
  }
}

async function restoreVisit(kept: Visiting): Promise<void> {
  useSession.setState({ startError: null });
  try {
    const user = await send<User>({ url: "/api/auth/me" }, kept.token);
    beginVisiting(user, { token: kept.token, expiresAt: kept.endsAt });
  } catch (error) {
    if (error instanceof ApiError && error.status === 401) endVisit();
    else useSession.setState({ startError: error });
  }
}

/** Follows what happens to the session in other tabs. */
export function followTabs(): () => void {
  return hearTabs((news) => {
    if (news.kind === "began") begin(news.session, Date.now());
    else end(news.reason);
  });
}
