import { QueryClient } from "@tanstack/react-query";
import { HttpResponse, http } from "msw";
import { beforeEach, expect, it, vi } from "vitest";
import { server } from "../../../../test/server";
import { keys } from "../data/keys";
import { inReadingOrder, type MessagePages } from "../data/messages";
import { aMessage } from "../test/samples";
import { freshen } from "./fresh";

const picture = (url: string) => [{ kind: "image", url }];
const told = (id: string) => aMessage({ id, attachments: picture("https://cdn.example/old") });
let count = 0;

beforeEach(() => {
  count = 0;
  vi.useRealTimers();
});

function answer(status: number) {
  server.use(
    http.post("*/api/conversations/c1/messages/:id/attachments/refresh", ({ params }) => {
      count += 1;
      if (status !== 200) return HttpResponse.json({ code: "not_found" }, { status });
      return HttpResponse.json(
        aMessage({ id: String(params.id), attachments: picture("https://cdn.example/new") }),
      );
    }),
  );
}

it("asks once for all pictures of a message and shows where they are now", async () => {
  answer(200);
  const client = new QueryClient();
  const message = told("p1");
  client.setQueryData<MessagePages>(keys.messages("c1"), {
    pages: [{ items: [message] }],
    pageParams: [null],
  });
  expect(await Promise.all([freshen(client, message), freshen(client, message)])).toEqual([true, true]);
  expect(count).toBe(1);
  const shown = inReadingOrder(client.getQueryData(keys.messages("c1")));
  expect(shown[0]?.attachments[0]?.url).toBe("https://cdn.example/new");
});

it("does not ask again for a while, unless somebody wants it", async () => {
  answer(404);
  vi.useFakeTimers({ toFake: ["Date"], now: Date.parse("2026-11-22T10:00:00Z") });
  const client = new QueryClient();
  expect(await freshen(client, told("p2"))).toBe(false);
  vi.setSystemTime(Date.parse("2026-11-22T10:09:00Z"));
  expect(await freshen(client, told("p2"))).toBe(false);
  expect(count).toBe(1);
  await freshen(client, told("p2"), true);
  expect(count).toBe(2);
  vi.setSystemTime(Date.parse("2026-11-22T10:20:00Z"));
  await freshen(client, told("p2"));
  expect(count).toBe(3);
});
