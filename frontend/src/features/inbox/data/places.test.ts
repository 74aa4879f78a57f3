import { QueryClient } from "@tanstack/react-query";
import { HttpResponse, http } from "msw";
import { describe, expect, it } from "vitest";
import type { Message, Messages } from "@/api/gen/model";
import { server } from "../../../../test/server";
import { aMessage } from "../test/samples";
import { keys } from "./keys";
import {
  hasNewest,
  inReadingOrder,
  type MessagePages,
  messagesOptions,
  putMessage,
  showPlace,
} from "./messages";

const at = (minute: number) => new Date(Date.UTC(2026, 10, 22, 10, minute)).toISOString();
const message = (minute: number, change: Partial<Message> = {}) =>
  aMessage({ id: `m${minute}`, created_at: at(minute), ...change });
const page = (newest: number, oldest: number, more: Partial<Messages> = {}): Messages => ({
  items: Array.from({ length: newest - oldest + 1 }, (_, index) => message(newest - index)),
  ...more,
});
const told = (data: MessagePages) => inReadingOrder(data).map(({ id }) => id);
/** From the middle of a conversation. */
const middle: MessagePages = {
  pages: [page(12, 10, { previous_cursor: "newer", next_cursor: "older" })],
  pageParams: [{ around: "m11" }],
};

describe("messages from the middle of a conversation", () => {
  it("take in what changes, and leave what is newer to its page", () => {
    expect(hasNewest(middle)).toBe(false);
    expect(putMessage(middle, message(40))).toBe(middle);
    expect(told(putMessage(middle, { ...message(40), id: "x", created_at: at(11) }))).toContain("x");
    const edited = putMessage(middle, message(11, { content: "đã sửa" }));
    expect(edited.pages[0]?.items[1]?.content).toBe("đã sửa");
  });

  it("join the newest without a gap, and each stands there once", () => {
    // A page towards newer messages overlaps when something was put between meanwhile.
    const joined: MessagePages = {
      pages: [page(15, 12, { next_cursor: "back" }), ...middle.pages],
      pageParams: ["newer", ...middle.pageParams],
    };
    expect(told(joined)).toEqual(["m10", "m11", "m12", "m13", "m14", "m15"]);
    expect(hasNewest(joined)).toBe(true);
    expect(told(putMessage(joined, message(16))).at(-1)).toBe("m16");
  });

  it("are asked for around one, and both ways from there", async () => {
    const asked: string[] = [];
    server.use(
      http.get("*/api/conversations/c1/messages", ({ request }) => {
        const { searchParams } = new URL(request.url);
        const where = searchParams.get("around") ?? searchParams.get("cursor") ?? "newest";
        asked.push(where);
        if (where === "m11") return HttpResponse.json(middle.pages[0]);
        if (where === "newer") return HttpResponse.json(page(15, 13, { next_cursor: "back" }));
        return HttpResponse.json(page(9, 8));
      }),
    );
    const client = new QueryClient();
    await showPlace(client, "c1", { around: "m11" }, new AbortController().signal);
    await client.fetchInfiniteQuery({ ...messagesOptions("c1"), pages: 2, staleTime: 0 });
    const loaded = client.getQueryData<MessagePages>(keys.messages("c1"));
    expect(asked.slice(0, 3)).toEqual(["m11", "m11", "older"]);
    expect(loaded && told(loaded)).toEqual(["m8", "m9", "m10", "m11", "m12"]);
  });

  it("at the newest are asked for once more: news may have come while they were under way", async () => {
    server.use(http.get("*/api/conversations/c1/messages", () => HttpResponse.json(page(12, 10))));
    const client = new QueryClient();
    await showPlace(client, "c1", null, new AbortController().signal);
    expect(client.getQueryState(keys.messages("c1"))?.isInvalidated).toBe(true);
  });
});
