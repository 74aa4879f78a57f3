import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type Arrived, LiveSocket, type SocketNeeds } from "./socket";

/** The other end of a socket, by hand. */
class FakeSocket {
  static all: FakeSocket[] = [];
  static readonly OPEN = 1;
  readyState = 1;
  sent: unknown[] = [];
  onmessage: ((event: { data: string }) => void) | null = null;
  onclose: ((event: { code: number }) => void) | null = null;

  constructor(
    readonly url: string,
    readonly protocols: string[],
  ) {
    FakeSocket.all.push(this);
  }

  send(text: string): void {
    this.sent.push(JSON.parse(text));
  }

  close(): void {
    this.readyState = 3;
  }

  says(seq: number | null, type: string, data: unknown = {}): void {
    this.onmessage?.({ data: JSON.stringify({ seq, type, data }) });
  }

  ends(code: number): void {
    this.readyState = 3;
    this.onclose?.({ code });
  }
}

const contact = (name: string) => ({ id: name, platform: "facebook", display_name: name });
const last = (): FakeSocket => {
  const socket = FakeSocket.all.at(-1);
  if (socket === undefined) throw new Error("no socket was opened");
  return socket;
};

function made() {
  const log: string[] = [];
  const events: Arrived[] = [];
  const ticket = vi.fn(async () => `t${FakeSocket.all.length + 1}`);
  const sessionOver = vi.fn(async () => {});
  const needs: SocketNeeds = {
    ticket,
    url: () => "ws://shop.test/ws/b",
    onEvents: (arrived) => events.push(...arrived),
    onResync: () => log.push("resync"),
    onPhase: (phase) => log.push(phase),
    onSessionOver: sessionOver,
  };
  const names = () =>
    events.map(({ event }) => ("display_name" in event.data ? event.data.display_name : event.type));
  return { live: new LiveSocket(needs), log, events, names, ticket, sessionOver };
}

const frame = () => vi.advanceTimersByTimeAsync(20);

beforeEach(() => {
  FakeSocket.all = [];
  vi.useFakeTimers();
  vi.stubGlobal("WebSocket", FakeSocket);
  vi.spyOn(Math, "random").mockReturnValue(0.5);
});
afterEach(() => vi.useRealTimers());

async function opened(seq = 100) {
  const one = made();
  one.live.start();
  await frame();
  last().says(seq, "hello");
  last().says(null, "resumed", { seq });
  return one;
}

describe("a live socket", () => {
  it("offers a ticket and asks for what happened while the page was loading", async () => {
    const { live, log } = await opened(100);
    expect(last().protocols).toEqual(["chatdesk.v1", "ticket.t1"]);
    expect(last().sent).toEqual([{ type: "resume", after: 50 }]);
    expect(log).toEqual(["connecting", "online", "resync"]);
    live.stop();
  });

  it("marks what is repeated, and leaves out what it has", async () => {
    const { live, events, names } = made();
    live.start();
    await frame();
    last().says(2, "hello");
    last().says(1, "contact.updated", contact("a"));
    last().says(2, "contact.updated", contact("b"));
    last().says(null, "resumed", { seq: 2 });
    last().says(3, "contact.updated", contact("c"));
    last().says(3, "contact.updated", contact("c again"));
    await frame();
    expect(names()).toEqual(["a", "b", "c"]);
    expect(events.map(({ isReplay }) => isReplay)).toEqual([true, true, false]);
    live.stop();
  });

  it("hands on a burst at once, in order", async () => {
    const { live, log, names } = await opened(0);
    log.length = 0;
    for (let seq = 1; seq <= 200; seq += 1) last().says(seq, "contact.updated", contact(String(seq)));
    expect(names()).toEqual([]);
    await frame();
    expect(names()).toHaveLength(200);
    expect(names().at(-1)).toBe("200");
    live.stop();
  });

  it("resumes after the last event when the connection was cut", async () => {
    const { live, log, names } = await opened(0);
    last().says(1, "contact.updated", contact("a"));
    last().ends(1006);
    await vi.advanceTimersByTimeAsync(300);
    expect(FakeSocket.all).toHaveLength(2);
    last().says(4, "hello");
    expect(last().sent).toEqual([{ type: "resume", after: 1 }]);
    for (const seq of [2, 3, 4]) last().says(seq, "contact.updated", contact(String(seq)));
    last().says(null, "resumed", { seq: 4 });
    await frame();
    expect(names()).toEqual(["a", "2", "3", "4"]);
    expect(log).toEqual(["connecting", "online", "offline", "online"]);
    live.stop();
  });

  it("connects anew over a gap, because this connection would not repeat it", async () => {
    const { live, log, names } = await opened(0);
    last().says(1, "contact.updated", contact("a"));
    last().says(3, "contact.updated", contact("c"));
    await frame();
    expect(FakeSocket.all).toHaveLength(2);
    last().says(3, "hello");
    expect(last().sent).toEqual([{ type: "resume", after: 1 }]);
    last().says(2, "contact.updated", contact("b"));
    last().says(3, "contact.updated", contact("c"));
    last().says(null, "resumed", { seq: 3 });
    await frame();
    expect(names()).toEqual(["a", "b", "c"]);
    expect(log).not.toContain("resync");
    live.stop();
  });

  it("has everything loaded again when the server no longer knows, and goes on from there", async () => {
    const { live, log, names } = await opened(0);
    last().ends(1001);
    await vi.advanceTimersByTimeAsync(300);
    last().says(900, "hello");
    last().says(null, "resync", { seq: 900 });
    expect(log.slice(-2)).toEqual(["online", "resync"]);
    last().says(901, "contact.updated", contact("new"));
    await frame();
    expect(names()).toEqual(["new"]);
    live.stop();
  });

  it("takes a record that begins again", async () => {
    const { live, log, names } = await opened(0);
    last().says(1, "contact.updated", contact("a"));
    last().says(null, "resync", { seq: 0 });
    last().says(1, "contact.updated", contact("b"));
    await frame();
    expect(names()).toEqual(["a", "b"]);
    expect(log.at(-1)).toBe("resync");
    live.stop();
  });

  it("loads again what an event it cannot read would have changed", async () => {
    const { live, log, names } = await opened(0);
    last().says(1, "order.created", {});
    last().says(2, "message.created", { id: 7 });
    last().says(3, "contact.updated", contact("c"));
    last().says(null, "weather", {});
    await frame();
    expect(log.filter((entry) => entry === "resync")).toHaveLength(2);
    expect(names()).toEqual(["c"]);
    live.stop();
  });

  it("asks for a sign of life after silence, and connects anew without one", async () => {
    const { live, log } = await opened(0);
    last().sent = [];
    await vi.advanceTimersByTimeAsync(25_000);
    expect(last().sent).toEqual([{ type: "resume", after: 0 }]);
    last().says(null, "resumed", { seq: 0 });
    await vi.advanceTimersByTimeAsync(25_000 + 7_000);
    expect(log.at(-1)).toBe("online");
    await vi.advanceTimersByTimeAsync(2_000);
    expect(log.at(-1)).toBe("offline");
    expect(FakeSocket.all).toHaveLength(2);
    live.stop();
  });

  it("waits longer after each failure, and not at all when the network is back", async () => {
    const { live, ticket } = made();
    ticket.mockRejectedValue(new Error("down"));
    live.start();
    await vi.advanceTimersByTimeAsync(0);
    await vi.advanceTimersByTimeAsync(250);
    await vi.advanceTimersByTimeAsync(500);
    expect(ticket).toHaveBeenCalledTimes(3);
    await vi.advanceTimersByTimeAsync(900);
    expect(ticket).toHaveBeenCalledTimes(3);
    dispatchEvent(new Event("online"));
    await vi.advanceTimersByTimeAsync(0);
    expect(ticket).toHaveBeenCalledTimes(4);
    live.stop();
  });

  it("renews the session when the server ends it, and stops when there is none", async () => {
    const { live, sessionOver, ticket } = await opened(0);
    last().ends(4401);
    await frame();
    expect(sessionOver).toHaveBeenCalledOnce();
    expect(ticket).toHaveBeenCalledTimes(2);
    live.stop();
    await vi.advanceTimersByTimeAsync(120_000);
    expect(ticket).toHaveBeenCalledTimes(2);
  });

  it("says when the business is suspended, and looks again later", async () => {
    const { live, log, ticket } = await opened(0);
    last().ends(4403);
    expect(log.at(-1)).toBe("suspended");
    await vi.advanceTimersByTimeAsync(30_000);
    expect(ticket).toHaveBeenCalledTimes(2);
    live.stop();
  });

  it("stays suspended until a connection has held", async () => {
    const { live, log } = await opened(0);
    last().ends(4403);
    await vi.advanceTimersByTimeAsync(30_000);
    last().says(0, "hello");
    last().says(null, "resumed", { seq: 0 });
    last().ends(4403);
    await vi.advanceTimersByTimeAsync(30_000);
    expect(log.filter((entry) => entry !== "resync")).toEqual(["connecting", "online", "suspended"]);
    last().says(0, "hello");
    last().says(null, "resumed", { seq: 0 });
    await vi.advanceTimersByTimeAsync(5_000);
    expect(log.at(-1)).toBe("online");
    live.stop();
  });

  it("asks more and more slowly when each new session is ended at once", async () => {
    const { live, sessionOver } = await opened(0);
    const end = async () => {
      last().says(0, "hello");
      last().says(null, "resumed", { seq: 0 });
      last().ends(4401);
      await frame();
    };
    last().ends(4401);
    await frame();
    await end();
    expect(sessionOver).toHaveBeenCalledTimes(2);
    expect(FakeSocket.all).toHaveLength(2);
    await vi.advanceTimersByTimeAsync(500);
    expect(FakeSocket.all).toHaveLength(3);
    await end();
    await vi.advanceTimersByTimeAsync(900);
    expect(FakeSocket.all).toHaveLength(3);
    live.stop();
  });
});
