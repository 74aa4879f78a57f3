import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render } from "@testing-library/react";
import { HttpResponse, http } from "msw";
import { createMemoryRouter } from "react-router";
import { RouterProvider } from "react-router/dom";
import type { Conversation, Message } from "@/api/gen/model";
import { begin } from "@/api/session";
import { useCourier } from "@/app/courier";
import { applyEvents } from "@/realtime/apply";
import type { LiveEvent } from "@/realtime/events";
import { loadWords } from "@/shared/i18n";
import { server } from "../../../../test/server";
import { Component } from "../Page";

const ME = {
  id: "u1",
  email: "demo@shop.example",
  name: "Demo",
  role: "business" as const,
  member_role: "owner" as const,
  business_id: "b1",
  business_name: "Tiệm Gió",
  time_zone: "Asia/Ho_Chi_Minh",
  has_totp: false,
  is_visitor: false,
  created_at: "2026-11-01T00:00:00Z",
  updated_at: "2026-11-01T00:00:00Z",
};

const list = (items: unknown[]) => HttpResponse.json({ items, next_cursor: null });

/** Answers everything that the inbox asks for when it is opened. */
export function serveInbox(conversations: Conversation[], messages: Message[]): void {
  server.use(
    http.get("*/api/conversations/counts", () =>
      HttpResponse.json({ open: 1, unread: 0, mine: 0, ai: 1, needs_human: 0, closing_soon: 0 }),
    ),
    http.get("*/api/conversations", () => list(conversations)),
    http.get("*/api/conversations/:id", ({ params }) => {
      const found = conversations.find(({ id }) => id === params.id);
      return found ? HttpResponse.json(found) : HttpResponse.json({ code: "not_found" }, { status: 404 });
    }),
    http.get("*/api/conversations/:id/messages", () => list(messages)),
    http.get("*/api/conversations/:id/notes", () => list([])),
    http.post("*/api/conversations/:id/read", ({ params }) =>
      HttpResponse.json({ ...conversations.find(({ id }) => id === params.id), unread_count: 0 }),
    ),
    http.get("*/api/labels", () => list([])),
    http.get("*/api/members", () => list([])),
    http.get("*/api/channels", () => list([])),
    http.get("*/api/saved-replies", () => list([])),
  );
}

/** Opens the inbox at an address, logged in. */
export async function openInbox(path: string) {
  await loadWords("inbox");
  begin({ access_token: "token", expires_in: 600, user: ME }, Date.now());
  const client = new QueryClient({ defaultOptions: { queries: { retry: false, networkMode: "always" } } });
  const router = createMemoryRouter([{ path: "/inbox/:conversationId?", Component }], {
    initialEntries: [path],
  });
  const view = render(
    <QueryClientProvider client={client}>
      <Carried client={client} />
      <RouterProvider router={router} />
    </QueryClientProvider>,
  );
  const tell = (...events: LiveEvent[]) =>
    applyEvents(
      client,
      events.map((event) => ({ event, isReplay: false })),
    );
  return { ...view, client, router, tell };
}

/** What the shell does for every page. */
function Carried({ client }: { client: QueryClient }) {
  useCourier(client);
  return null;
}
