import { QueryClient } from "@tanstack/react-query";
import { HttpResponse, http, ws } from "msw";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { begin } from "@/api/session";
import { aSession, aUser } from "../../test/builders";
import { server } from "../../test/server";
import { registerLive } from "./apply";
import { useConnection } from "./connection";
import { goLive, sendTyping, sendViewing } from "./live";
import { typingIn, usePeople } from "./people";

const link = ws.link("ws://*/ws/:business");
const CONVERSATION = "0198f000-0000-7000-8000-0000000000c1";
let heard: unknown[] = [];
let say: (frame: unknown) => void = () => {};
let stop: () => void = () => {};

async function open() {
  stop = goLive(new QueryClient(), "b1");
  await expect.poll(() => useConnection.getState().phase).toBe("online");
}

beforeEach(() => {
  heard = [];
  begin(aSession("t"), Date.now());
  server.use(
    http.post("*/api/ws-ticket", () => HttpResponse.json({ ticket: "abc", expires_in: 30 })),
    link.addEventListener("connection", ({ client }) => {
      say = (frame) => client.send(JSON.stringify(frame));
      client.addEventListener("message", ({ data }) => {
        const frame: unknown = JSON.parse(String(data));
        heard.push(frame);
        if (JSON.stringify(frame).includes("resume")) say({ seq: null, type: "resumed", data: { seq: 0 } });
      });
      say({ seq: 0, type: "hello", data: {} });
    }),
  );
});
afterEach(() => stop());

describe("going live", () => {
  it("hands events to every feature, and what colleagues do to the people", async () => {
    const apply = vi.fn();
    registerLive("test", { keys: [], apply, resync: () => {} });
    await open();
    say({
      seq: null,
      type: "typing",
      data: { user_id: "lan", conversation_id: CONVERSATION, is_typing: true },
    });
    say({
      seq: null,
      type: "typing",
      data: { user_id: aUser().id, conversation_id: CONVERSATION, is_typing: true },
    });
    say({ seq: 1, type: "contact.updated", data: { id: "k", platform: "facebook" } });
    await expect.poll(() => apply.mock.calls.flatMap(([, events]) => events)).toHaveLength(3);
    expect(typingIn(usePeople.getState(), CONVERSATION)).toEqual(["lan"]);
    expect(apply.mock.calls.flatMap(([, events]) => events).at(-1)).toMatchObject({
      isReplay: false,
      event: { type: "contact.updated" },
    });
  });

  it("tells colleagues where one is, and who has just come", async () => {
    await open();
    await expect.poll(() => heard).toContainEqual({ type: "presence", data: { state: "online" } });
    sendViewing(CONVERSATION);
    const here = { type: "presence", data: { state: "online", conversation_id: CONVERSATION } };
    await expect.poll(() => heard).toContainEqual(here);
    heard = [];
    say({ seq: null, type: "presence", data: { user_id: "lan", state: "online", conversation_id: null } });
    await expect.poll(() => heard).toEqual([here]);
    say({ seq: null, type: "presence", data: { user_id: aUser().id, state: "offline" } });
    await expect.poll(() => heard).toEqual([here, here]);
    sendViewing(null);
  });

  it("tells that one types once in a while, and when one has stopped", async () => {
    await open();
    await expect.poll(() => heard.length).toBe(2);
    heard = [];
    sendTyping(CONVERSATION, true);
    sendTyping(CONVERSATION, true);
    sendTyping(CONVERSATION, false);
    sendTyping(CONVERSATION, false);
    const typing = (is_typing: boolean) => ({
      type: "typing",
      data: { conversation_id: CONVERSATION, is_typing },
    });
    await expect.poll(() => heard).toEqual([typing(true), typing(false)]);
  });
});
