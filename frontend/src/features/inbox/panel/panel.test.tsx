import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { HttpResponse, http } from "msw";
import { expect, it } from "vitest";
import type { Channel, Conversation } from "@/api/gen/model";
import { server } from "../../../../test/server";
import { openInbox, serveInbox } from "../test/page";
import { aConversation, aMessage } from "../test/samples";

const ID = "01a205cb-6615-7603-a968-d5ea4e5ba60d";
const soon = (hours: number) => new Date(Date.now() + hours * 3_600_000).toISOString();
const conversation: Conversation = aConversation({
  id: ID,
  assignee_id: "u9",
  reply_window: { ai_until: soon(20), human_until: soon(164) },
});
const channel: Channel = {
  id: "ch1",
  platform: "facebook",
  platform_page_id: "1001",
  page_name: "Tiệm Mây",
  is_active: true,
  health: { state: "ok" },
  sending: "ok",
  policy: { state: "none" },
  created_at: soon(-100),
};
const list = (items: unknown[]) => HttpResponse.json({ items, next_cursor: null });

async function opened(more: Partial<Conversation> = {}) {
  serveInbox([{ ...conversation, ...more }], [aMessage({ conversation_id: ID })]);
  return async () => {
    await openInbox(`/inbox/${ID}`);
    await userEvent.click(await screen.findByRole("button", { name: "Chi tiết" }));
    return within(await screen.findByRole("complementary", { name: "Chi tiết" }));
  };
}

it("says which lists did not come, and asks for one again", async () => {
  const open = await opened();
  const broken = () => HttpResponse.json({ code: "internal", errors: [] }, { status: 500 });
  let isBroken = true;
  server.use(
    http.get("*/api/labels", () =>
      isBroken ? broken() : list([{ id: "l1", name: "Khách quen", color: "green" }]),
    ),
    http.get("*/api/members", broken),
    http.get("*/api/channels", broken),
  );
  const panel = await open();
  expect(await panel.findByText(/Chưa tải được danh sách nhân viên/)).toBeVisible();
  expect(panel.getByText(/Chưa tải được danh sách kênh/)).toBeVisible();
  // Whoever has it is not shown as nobody.
  expect(panel.getByRole("combobox", { name: "Người phụ trách" })).toHaveDisplayValue("Người khác");
  isBroken = false;
  const labels = await panel.findByText(/Chưa tải được danh sách nhãn/);
  await userEvent.click(within(labels).getByRole("button", { name: "Thử lại" }));
  await waitFor(() => expect(panel.queryByText(/Chưa tải được danh sách nhãn/)).not.toBeInTheDocument());
  await userEvent.click(panel.getByRole("textbox", { name: "Tìm hoặc tạo nhãn" }));
  expect(panel.getByRole("button", { name: "Khách quen" })).toBeVisible();
});

it("offers nobody the word that another app has", async () => {
  const ai = { state: "paused" as const, reason: "other_app" };
  const panel = await (await opened({ is_other_apps: true, ai }))();
  expect(panel.queryByRole("button", { name: "Giao lại cho AI" })).not.toBeInTheDocument();
  await userEvent.click(screen.getByRole("button", { name: "Thao tác khác" }));
  expect(screen.getByRole("menuitem", { name: "Tắt AI" })).toBeVisible();
  expect(screen.queryByRole("menuitem", { name: "Giao lại cho AI" })).not.toBeInTheDocument();
});

it("hands back what a person took", async () => {
  const ai = { state: "paused" as const, reason: "human_replied", until: soon(1) };
  const panel = await (await opened({ ai }))();
  expect(panel.getByRole("button", { name: "Giao lại cho AI" })).toBeVisible();
  await userEvent.click(screen.getByRole("button", { name: "Thao tác khác" }));
  expect(screen.getByRole("menuitem", { name: "Giao lại cho AI" })).toBeVisible();
});

it("says above the composer that Meta blocks the page, since when and what becomes of a message", async () => {
  const open = await opened();
  const blocked = { sending: "blocked", policy: { state: "blocked", since: "2026-11-22T01:30:00Z" } };
  server.use(http.get("*/api/channels", () => list([{ ...channel, ...blocked }])));
  await open();
  const notice = await screen.findByText(/Meta chặn trang “Tiệm Mây” gửi tin từ/);
  expect(notice).toHaveTextContent("8:30");
  expect(within(notice).getByRole("link", { name: "Đến mục Kênh" })).toHaveAttribute("href", "/channels");
});
