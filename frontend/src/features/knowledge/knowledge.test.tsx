import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { HttpResponse, http } from "msw";
import { createMemoryRouter, RouterProvider } from "react-router";
import { beforeEach, expect, it } from "vitest";
import type { Entry, MemberRole } from "@/api/gen/model";
import { useSession } from "@/api/session";
import { loadWords } from "@/shared/i18n";
import { Toasts } from "@/shared/ui/toast";
import { aProblem, aUser } from "../../../test/builders";
import { server } from "../../../test/server";
import { readFilter, writeFilter } from "./filter";
import { Component as Page } from "./Page";
import { lookAgainAfter, withEntry, withoutEntry } from "./queries";

const ship: Entry = {
  id: "e1",
  kind: "faq",
  title: "Phí ship bao nhiêu?",
  body: "Nội thành 20.000đ",
  embedding_status: "ready",
  created_at: "2026-11-22T00:00:00Z",
  updated_at: "2026-11-22T00:00:00Z",
};
const tee: Entry = { ...ship, id: "e2", kind: "synonym", title: "tee, t-shirt", body: "áo phông" };

beforeEach(async () => {
  await loadWords("knowledge", "entry");
});

function show(address: string, member_role: MemberRole = "owner") {
  useSession.setState({ phase: "in", user: aUser({ member_role }) });
  const router = createMemoryRouter([{ path: "/knowledge", Component: Page }], {
    initialEntries: [address],
  });
  render(
    <QueryClientProvider client={new QueryClient({ defaultOptions: { queries: { retry: false } } })}>
      <RouterProvider router={router} />
      <Toasts />
    </QueryClientProvider>,
  );
  return { router, user: userEvent.setup() };
}

function answers(items: Entry[]) {
  return http.get("/api/entries", () => HttpResponse.json({ items, next_cursor: null }));
}

it("asks for the kind and the words of the address, and writes them there", async () => {
  const asked: string[] = [];
  server.use(
    http.get("/api/entries", ({ request }) => {
      asked.push(new URL(request.url).search);
      return HttpResponse.json({ items: [tee], next_cursor: null });
    }),
  );
  const { router, user } = show("/knowledge?q=tee");
  await screen.findByText("tee, t-shirt");
  expect(screen.getByRole("searchbox")).toHaveValue("tee");
  await user.click(screen.getByRole("radio", { name: "Từ đồng nghĩa" }));
  await waitFor(() => expect(asked).toContain("?limit=50&q=tee&kind=synonym"));
  expect(router.state.location.search).toBe("?q=tee&kind=synonym");
  expect(readFilter(new URLSearchParams("?kind=recipe"))).toEqual({ q: "", kind: null });
  expect(writeFilter({ q: "", kind: null })).toEqual({});
});

it("adds an entry, after saying what is wrong with it", async () => {
  const sent: unknown[] = [];
  server.use(
    answers([]),
    http.post("/api/entries", async ({ request }) => {
      sent.push(await request.json());
      return HttpResponse.json(tee, { status: 201 });
    }),
  );
  const { user } = show("/knowledge");
  await screen.findByText("Chưa có mục nào");
  await user.click(screen.getAllByRole("button", { name: "Thêm mục" })[0] ?? document.body);
  const dialog = within(screen.getByRole("dialog"));
  await user.click(dialog.getByRole("radio", { name: "Từ đồng nghĩa" }));
  await user.type(dialog.getByLabelText("Khách hay viết"), ", ,");
  await user.click(dialog.getByRole("button", { name: "Lưu" }));
  expect(dialog.getByText("Nhập ít nhất một từ có chữ hoặc số.")).toBeVisible();
  expect(dialog.getByText("Không được để trống.")).toBeVisible();
  expect(dialog.getByLabelText("Khách hay viết")).toHaveFocus();
  await user.clear(dialog.getByLabelText("Khách hay viết"));
  await user.type(dialog.getByLabelText("Khách hay viết"), " tee, t-shirt ");
  await user.type(dialog.getByLabelText("Cửa hàng gọi là"), "áo phông");
  server.use(answers([tee]));
  await user.click(dialog.getByRole("button", { name: "Lưu" }));
  await screen.findByText("Đã thêm “tee, t-shirt”");
  expect(sent).toEqual([{ kind: "synonym", title: "tee, t-shirt", body: "áo phông" }]);
  expect(screen.queryByRole("dialog")).toBeNull();
  expect(await screen.findByRole("list", { name: "Các mục kiến thức" })).toHaveTextContent("áo phông");
});

it("keeps what was typed when there are too many entries", async () => {
  server.use(
    answers([ship]),
    http.put("/api/entries/e1", () => HttpResponse.json(aProblem(409, "too_many_entries"), { status: 409 })),
  );
  const { user } = show("/knowledge");
  await user.click(await screen.findByRole("button", { name: "Sửa mục Phí ship bao nhiêu?" }));
  const dialog = within(screen.getByRole("dialog"));
  await user.type(dialog.getByLabelText("Câu trả lời"), ", tỉnh 30.000đ");
  await user.click(dialog.getByRole("button", { name: "Lưu" }));
  expect(await dialog.findByRole("alert")).toHaveTextContent("2.000 mục");
  expect(dialog.getByLabelText("Câu trả lời")).toHaveValue("Nội thành 20.000đ, tỉnh 30.000đ");
});

it("deletes at once and brings back", async () => {
  const asked: unknown[] = [];
  let items = [ship, tee];
  server.use(
    http.get("/api/entries", () => HttpResponse.json({ items, next_cursor: null })),
    http.delete("/api/entries/e1", () => {
      items = [tee];
      return new HttpResponse(null, { status: 204 });
    }),
    http.post("/api/entries", async ({ request }) => {
      asked.push(await request.json());
      items = [{ ...ship, id: "e3" }, tee];
      return HttpResponse.json(items[0], { status: 201 });
    }),
  );
  const { user } = show("/knowledge");
  await user.click(await screen.findByRole("button", { name: "Xóa mục Phí ship bao nhiêu?" }));
  await waitFor(() => expect(screen.queryByText("Nội thành 20.000đ")).toBeNull());
  await user.click(screen.getByRole("button", { name: "Hoàn tác" }));
  await screen.findByText("Nội thành 20.000đ");
  expect(asked).toEqual([{ kind: "faq", title: ship.title, body: ship.body }]);
});

it("lets agents and viewers read only", async () => {
  server.use(answers([ship]));
  show("/knowledge", "agent");
  await screen.findByText("Nội thành 20.000đ");
  expect(screen.queryByRole("button", { name: /Xóa|Sửa|Thêm/ })).toBeNull();
  expect(screen.getByText(/Chỉ chủ cửa hàng và quản lý/)).toBeVisible();
});

it("looks again while an entry is learned, ever more seldom", () => {
  const pages = { pages: [{ items: [ship, tee], next_cursor: null }], pageParams: [""] };
  const waiting = withEntry(pages, { ...ship, embedding_status: "pending" });
  expect(lookAgainAfter(undefined, 0)).toBe(false);
  expect(lookAgainAfter(pages, 1)).toBe(false);
  expect(lookAgainAfter(waiting, 1)).toBe(2_000);
  expect(lookAgainAfter(waiting, 3)).toBe(4_500);
  expect(lookAgainAfter(waiting, 400)).toBe(30_000);
  expect(withoutEntry(pages, "e1").pages[0]?.items).toEqual([tee]);
  expect(pages.pages[0]?.items).toEqual([ship, tee]);
});
