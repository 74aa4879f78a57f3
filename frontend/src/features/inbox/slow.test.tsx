import { act, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { HttpResponse, http } from "msw";
import { beforeEach, describe, expect, it, vi } from "vitest";
import type { Conversation } from "@/api/gen/model";
import { listenToKeys } from "@/shared/keys";
import { server } from "../../../test/server";
import { useDrafts } from "./compose/drafts";
import { keys } from "./data/keys";
import { openInbox, serveInbox } from "./test/page";
import { aConversation, aMessage } from "./test/samples";

const ID = "01a205cb-6615-7603-a968-d5ea4e5ba60d";
const soon = (hours: number) => new Date(Date.now() + hours * 3_600_000).toISOString();
const conversation = aConversation({
  id: ID,
  contact: { ...aConversation().contact, display_name: "Nguyễn Minh Anh" },
  reply_window: { ai_until: soon(20), human_until: soon(164) },
});
const message = aMessage({ id: "m1", conversation_id: ID, created_at: soon(-4) });
const field = () => screen.findByRole("textbox", { name: "Tin nhắn cho Nguyễn Minh Anh" });
/** Something that an answer waits for. */
function gate() {
  let open: () => void = () => {};
  const opens = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opens, open: () => open() };
}
const press = (key: string) =>
  void (document.activeElement ?? document).dispatchEvent(
    new KeyboardEvent("keydown", { key, bubbles: true }),
  );

beforeEach(() => useDrafts.setState({ drafts: {} }));

describe("with slow and failing requests, the inbox", () => {
  it("shows a message that came while the history was under way", async () => {
    serveInbox([conversation], []);
    const answered = gate();
    server.use(
      http.get("*/api/conversations/:id/messages", async () => {
        await answered.opens;
        return HttpResponse.json({ items: [message], next_cursor: null });
      }),
    );
    const { tell } = await openInbox(`/inbox/${ID}`);
    await field();
    const data = { ...message, id: "m9", content: "Còn màu đen không?", created_at: soon(0) };
    act(() => tell({ type: "message.created", data }));
    answered.open();
    expect(await screen.findByText("Áo này còn không?")).toBeVisible();
    expect(screen.getByText("Còn màu đen không?")).toBeVisible();
  });

  it("marks what is read once, and asks again only with the next message", async () => {
    const unread = { ...conversation, unread_count: 1 };
    serveInbox([unread], [message]);
    const asked = vi.fn();
    server.use(
      http.post("*/api/conversations/:id/read", () => {
        asked();
        return HttpResponse.json({ code: "unavailable", errors: [] }, { status: 503 });
      }),
    );
    const { tell, client } = await openInbox(`/inbox/${ID}`);
    await waitFor(() => expect(asked).toHaveBeenCalledTimes(1));
    // It failed, so the conversation is unread again.
    const shown = () => client.getQueryData<Conversation>(keys.one(ID))?.unread_count;
    await waitFor(() => expect(shown()).toBe(1));
    act(() => tell({ type: "conversation.updated", data: unread }));
    expect(asked).toHaveBeenCalledTimes(1);
    const data = { ...unread, unread_count: 2, last_message_at: soon(0) };
    act(() => tell({ type: "conversation.updated", data }));
    await waitFor(() => expect(asked).toHaveBeenCalledTimes(2));
  });

  it("counts nothing as read while it goes to a message far up", async () => {
    serveInbox([{ ...conversation, unread_count: 1 }], []);
    const older = gate();
    const asked = vi.fn();
    server.use(
      http.get("*/api/conversations/:id/messages", async ({ request }) => {
        if (!new URL(request.url).searchParams.has("cursor"))
          return HttpResponse.json({ items: [message], next_cursor: "older" });
        await older.opens;
        const found = { ...message, id: "m0", content: "Tin đầu tiên", created_at: soon(-9) };
        return HttpResponse.json({ items: [found], next_cursor: null });
      }),
      http.post("*/api/conversations/:id/read", () => {
        asked();
        return HttpResponse.json(conversation);
      }),
    );
    await openInbox(`/inbox/${ID}?message=m0`);
    expect(await screen.findByText("Áo này còn không?")).toBeVisible();
    await screen.findByText("Đang tìm đến tin nhắn…");
    expect(asked).not.toHaveBeenCalled();
    older.open();
    expect(await screen.findByText("Tin đầu tiên")).toBeVisible();
    // Here, where nothing is laid out, the end is always in sight.
    await waitFor(() => expect(asked).toHaveBeenCalledTimes(1));
  });

  it("takes the keys that follow r and n as text", async () => {
    serveInbox([conversation], [message]);
    const stop = listenToKeys();
    await openInbox(`/inbox/${ID}`);
    await field();
    act(() => press("n"));
    expect(await screen.findByRole("textbox", { name: "Nội dung ghi chú" })).toHaveFocus();
    act(() => {
      if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
      press("r");
      expect(document.activeElement).toHaveAccessibleName("Tin nhắn cho Nguyễn Minh Anh");
    });
    stop();
  });

  it("keeps what is typed while a note is being saved, and the note when that fails", async () => {
    serveInbox([conversation], [message]);
    const saved = gate();
    server.use(
      http.post("*/api/conversations/:id/notes", async () => {
        await saved.opens;
        return HttpResponse.json({ code: "unavailable", errors: [] }, { status: 503 });
      }),
    );
    await openInbox(`/inbox/${ID}`);
    await userEvent.click(await screen.findByRole("radio", { name: "Ghi chú" }));
    const box = await screen.findByRole("textbox", { name: "Nội dung ghi chú" });
    await userEvent.type(box, "Khách quen{Enter}");
    expect(box).toHaveValue("");
    await userEvent.type(box, "Thích màu đen");
    saved.open();
    await waitFor(() => expect(box).toHaveValue("Khách quen\nThích màu đen"));
    expect(await screen.findByText(/tạm gián đoạn/)).toBeVisible();
  });

  it("says when notes or further conversations cannot be loaded, and tries again on demand", async () => {
    serveInbox([conversation], [message]);
    let isDown = true;
    const failure = () => HttpResponse.json({ code: "internal", errors: [] }, { status: 500 });
    server.use(
      http.get("*/api/conversations", ({ request }) => {
        const isFirst = !new URL(request.url).searchParams.has("cursor");
        if (isFirst) return HttpResponse.json({ items: [conversation], next_cursor: "more" });
        return isDown ? failure() : HttpResponse.json({ items: [], next_cursor: null });
      }),
      http.get("*/api/conversations/:id/notes", () =>
        isDown ? failure() : HttpResponse.json({ items: [], next_cursor: null }),
      ),
    );
    await openInbox(`/inbox/${ID}`);
    expect(await screen.findByText(/Chưa tải được ghi chú/)).toBeVisible();
    expect(await screen.findByText(/Chưa tải được các cuộc trò chuyện tiếp theo/)).toBeVisible();
    isDown = false;
    for (const button of screen.getAllByRole("button", { name: "Thử lại" })) await userEvent.click(button);
    await waitFor(() => expect(screen.queryByText(/Chưa tải được/)).not.toBeInTheDocument());
  });

  it("makes a new label once, however often Enter is pressed", async () => {
    serveInbox([conversation], [message]);
    const made = gate();
    const asked = vi.fn();
    server.use(
      http.post("*/api/labels", async () => {
        asked();
        await made.opens;
        return HttpResponse.json({ id: "l1", name: "Khách sỉ", color: "blue" }, { status: 201 });
      }),
      http.patch("*/api/conversations/:id", () =>
        HttpResponse.json({ ...conversation, labels: [{ id: "l1", name: "Khách sỉ", color: "blue" }] }),
      ),
    );
    await openInbox(`/inbox/${ID}?details=1`);
    await userEvent.type(
      await screen.findByRole("textbox", { name: "Tìm hoặc tạo nhãn" }),
      "Khách sỉ{Enter}{Enter}",
    );
    made.open();
    expect(await screen.findByRole("button", { name: "Gỡ nhãn Khách sỉ" })).toBeVisible();
    expect(asked).toHaveBeenCalledTimes(1);
  });
});
