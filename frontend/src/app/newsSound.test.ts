import { QueryClient } from "@tanstack/react-query";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { applyEvents } from "@/realtime/apply";
import type { LiveEvent } from "@/realtime/events";
import { sendViewing } from "@/realtime/live";
import { chime } from "@/shared/chime";
import { usePreferences } from "@/shared/preferences";
import { isWorthSound } from "./newsSound";

vi.mock("@/shared/chime", () => ({ chime: vi.fn() }));

const message = {
  id: "m1",
  conversation_id: "c1",
  sender_type: "contact",
  content: "Áo này còn không?",
  status: "received",
  attachments: [],
  reactions: [],
  cards: [],
  quick_replies: [],
  needs_decision: false,
  origin: "live",
  created_at: "2026-11-22T10:00:00Z",
} as const;
const created = (change: object = {}): LiveEvent => ({
  type: "message.created",
  data: { ...message, attachments: [], reactions: [], cards: [], quick_replies: [], ...change },
});
const updated: LiveEvent = {
  type: "message.updated",
  data: { ...message, attachments: [], reactions: [], cards: [], quick_replies: [] },
};
const now = (event: LiveEvent) => ({ event, isReplay: false });

describe("news that deserve a sound", () => {
  it("are a customer's new message that nobody here looks at", () => {
    expect(isWorthSound(now(created()), null)).toBe(true);
    expect(isWorthSound(now(created()), "c2")).toBe(true);
    expect(isWorthSound(now(created()), "c1")).toBe(false);
  });

  it("are no repetitions, no changes and nothing that the shop says", () => {
    expect(isWorthSound({ event: created(), isReplay: true }, null)).toBe(false);
    expect(isWorthSound(now(updated), null)).toBe(false);
    expect(isWorthSound(now(created({ sender_type: "ai" })), null)).toBe(false);
    expect(isWorthSound(now(created({ sender_type: "business" })), null)).toBe(false);
  });
});

describe("the sound", () => {
  const client = new QueryClient();
  const tell = () => applyEvents(client, [now(created()), now(created({ id: "m2" }))]);

  beforeEach(() => {
    vi.mocked(chime).mockClear();
    // One lock that is always free: this environment has none.
    const request = (_: string, __: object, run: (lock: object) => Promise<void>) => run({});
    vi.stubGlobal("navigator", Object.create(navigator, { locks: { value: { request } } }));
    vi.spyOn(document, "hasFocus").mockReturnValue(true);
  });
  afterEach(() => {
    vi.unstubAllGlobals();
    vi.restoreAllMocks();
    usePreferences.setState({ sound: false });
    sendViewing(null);
  });

  it("is off until somebody wants it, and comes once for several messages", () => {
    tell();
    expect(chime).not.toHaveBeenCalled();
    usePreferences.setState({ sound: true });
    tell();
    expect(chime).toHaveBeenCalledTimes(1);
  });

  it("is silent for the conversation on screen, unless the window is left", () => {
    usePreferences.setState({ sound: true });
    sendViewing("c1");
    tell();
    expect(chime).not.toHaveBeenCalled();
    vi.spyOn(document, "hasFocus").mockReturnValue(false);
    tell();
    expect(chime).toHaveBeenCalledTimes(1);
  });
});
