import { QueryClient } from "@tanstack/react-query";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { ApiError } from "@/api/error";
import { sendMessage } from "@/api/gen/messages/messages";
import { begin } from "@/api/session";
import { aSession } from "../../../../test/builders";
import { aMessage } from "../test/samples";
import { deliver, sendAgain } from "./courier";
import { enqueue, useOutbox } from "./outbox";

vi.mock("@/api/gen/messages/messages", () => ({ sendMessage: vi.fn() }));

const client = new QueryClient();
const send = vi.mocked(sendMessage);
const sent = () => send.mock.calls.map(([, wish]) => wish.text);
const entries = () => Object.values(useOutbox.getState().entries);
const soon = () => vi.advanceTimersByTimeAsync(0);

function write(text: string): void {
  enqueue("c1", text, []);
  deliver(client);
}

beforeEach(() => {
  vi.useFakeTimers();
  begin(aSession("t"), Date.now());
  useOutbox.setState({ entries: {}, sending: new Set() });
  send
    .mockReset()
    .mockImplementation(async (id, { text }) => aMessage({ conversation_id: id, content: text ?? "" }));
});
afterEach(async () => {
  // What a failure left behind goes out, so that the next test begins with nothing.
  await vi.runAllTimersAsync();
  vi.useRealTimers();
});

it("sends each message once, also when the next is written before the first has its own row", async () => {
  write("một");
  await soon();
  expect(entries()).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(5);
  write("hai");
  await soon();
  expect(sent()).toEqual(["một", "hai"]);
  await vi.advanceTimersByTimeAsync(300);
  expect(entries()).toHaveLength(0);
});

it("sends a refused one again though another is on its way", async () => {
  send.mockRejectedValueOnce(new ApiError({ status: 409, code: "unavailable" }));
  write("một");
  await soon();
  let arrive: () => void = () => {};
  send.mockImplementationOnce(() => new Promise((resolve) => (arrive = () => resolve(aMessage()))));
  await vi.advanceTimersByTimeAsync(5);
  write("hai");
  await soon();
  const [refused] = entries().filter(({ refusal }) => refusal !== null);
  if (refused === undefined) throw new Error("nothing was refused");
  sendAgain(client, refused);
  expect(sent()).toEqual(["một", "hai"]);
  arrive();
  await soon();
  expect(sent()).toEqual(["một", "hai", "một"]);
});

it("waits longer after each failure, and as long as the server says", async () => {
  const down = new ApiError({ status: 0, code: "network" });
  const busy = new ApiError({ status: 429, code: "too_many_requests", retryAfter: 30 });
  send.mockRejectedValueOnce(down).mockRejectedValueOnce(down).mockRejectedValueOnce(busy);
  write("một");
  await vi.advanceTimersByTimeAsync(3_999);
  expect(send).toHaveBeenCalledTimes(1);
  await vi.advanceTimersByTimeAsync(1);
  expect(send).toHaveBeenCalledTimes(2);
  await vi.advanceTimersByTimeAsync(7_999);
  expect(send).toHaveBeenCalledTimes(2);
  await vi.advanceTimersByTimeAsync(1);
  expect(send).toHaveBeenCalledTimes(3);
  await vi.advanceTimersByTimeAsync(29_999);
  expect(send).toHaveBeenCalledTimes(3);
  await vi.advanceTimersByTimeAsync(1);
  expect(send).toHaveBeenCalledTimes(4);
});
