import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render, screen } from "@testing-library/react";
import { HttpResponse, http } from "msw";
import { MemoryRouter } from "react-router";
import { expect, it } from "vitest";
import type { Entry } from "@/api/gen/model";
import { loadWords } from "@/shared/i18n";
import { server } from "../../../test/server";
import { UsedEntries } from "./UsedEntries";

const ship: Entry = {
  id: "e1",
  kind: "policy",
  title: "Phí ship & đổi trả",
  body: "30k",
  embedding_status: "ready",
  created_at: "2026-11-22T00:00:00Z",
  updated_at: "2026-11-22T00:00:00Z",
};

async function show(ids: string[]) {
  await loadWords("entry");
  return render(
    <QueryClientProvider client={new QueryClient({ defaultOptions: { queries: { retry: false } } })}>
      <MemoryRouter>
        <UsedEntries ids={ids} heading="h4" className="list" />
      </MemoryRouter>
    </QueryClientProvider>,
  );
}

it("asks page by page until it has them, in their order, and says which is gone", async () => {
  const asked: (string | null)[] = [];
  server.use(
    http.get("/api/entries", ({ request }) => {
      const cursor = new URL(request.url).searchParams.get("cursor");
      asked.push(cursor);
      return cursor === null
        ? HttpResponse.json({ items: [{ ...ship, id: "e9" }], next_cursor: "two" })
        : HttpResponse.json({ items: [ship], next_cursor: null });
    }),
  );
  await show(["e0", "e1"]);
  const link = await screen.findByRole("link", { name: ship.title });
  expect(link).toHaveAttribute("href", "/knowledge?q=Ph%C3%AD%20ship%20%26%20%C4%91%E1%BB%95i%20tr%E1%BA%A3");
  expect(screen.getAllByRole("listitem").map((item) => item.textContent)).toEqual([
    "Một mục đã bị xóa",
    "Phí ship & đổi trảChính sách",
  ]);
  expect(asked).toEqual([null, "two"]);
});

it("asks nothing and shows nothing when an answer used none", async () => {
  const { container } = await show([]);
  expect(container).toBeEmptyDOMElement();
});
