import { isRecord } from "./error";
import type { Session, User } from "./gen/model";
import type { OutReason } from "./session";

/** What tabs tell each other. */
export type TabNews = { kind: "began"; session: Session } | { kind: "ended"; reason: OutReason };

const channel = typeof BroadcastChannel === "undefined" ? null : new BroadcastChannel("cd.session");

export function tellTabs(news: TabNews): void {
  channel?.postMessage(news);
}

/** Calls back with what other tabs say. Another version of the app may be open there, so it is checked. */
export function hearTabs(listener: (news: TabNews) => void): () => void {
  const hear = (event: MessageEvent<unknown>) => {
    const news = read(event.data);
    if (news !== null) listener(news);
  };
  channel?.addEventListener("message", hear);
  return () => channel?.removeEventListener("message", hear);
}

function read(data: unknown): TabNews | null {
  if (!isRecord(data)) return null;
  if (data.kind === "ended") return { kind: "ended", reason: data.reason === "ended" ? "ended" : "left" };
  return data.kind === "began" && isSession(data.session) ? { kind: "began", session: data.session } : null;
}

function isSession(value: unknown): value is Session {
  if (!isRecord(value)) return false;
  return typeof value.access_token === "string" && typeof value.expires_in === "number" && isUser(value.user);
}

function isUser(value: unknown): value is User {
  return isRecord(value) && typeof value.id === "string" && typeof value.role === "string";
}
