import { act, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { HttpResponse, http } from "msw";
import { beforeEach, describe, expect, it } from "vitest";
import { usePreferences } from "@/shared/preferences";
import { server } from "../../../test/server";
import { useDrafts } from "./compose/drafts";
import { save, useOutbox } from "./compose/outbox";
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

beforeEach(() => {
  useDrafts.setState({ drafts: {} });
  useOutbox.setState({ entries: {} });
});

describe("the inbox", () => {
  it("lists conversations and opens one", async () => {
    serveInbox([conversation], [message]);
    await openInbox("/inbox");
    await userEvent.click(await screen.findByRole("link", { name: /Nguyễn Minh Anh/ }));
    expect(await screen.findByText("Áo này còn không?")).toBeVisible();
    expect(screen.getByRole("heading", { name: "Nguyễn Minh Anh", level: 2 })).toBeVisible();
    expect(screen.getByRole("link", { name: /Nguyễn Minh Anh/ })).toHaveAttribute("aria-current", "true");
  });

  it("sends once, shows it at once, and keeps one row when the server and the socket tell of it", async () => {
    serveInbox([conversation], [message]);
    const keys: (string | null)[] = [];
    const sent = (key: string | null) =>
      aMessage({
        id: "m2",
        conversation_id: ID,
        content: "Dạ còn ạ",
        sender_type: "business",
        author_id: "u1",
        client_id: key,
        status: "queued",
        created_at: soon(0),
      });
    server.use(
      http.post("*/api/conversations/:id/messages", ({ request }) => {
        const key = request.headers.get("Idempotency-Key");
        keys.push(key);
        return HttpResponse.json(sent(key), { status: 202 });
      }),
    );
    const { tell } = await openInbox(`/inbox/${ID}`);
    await userEvent.type(await field(), "Dạ còn ạ{Enter}");
    expect(screen.getAllByText("Dạ còn ạ")).toHaveLength(1);
    expect(await field()).toHaveValue("");
    await waitFor(() => expect(keys).toHaveLength(1));
    const data = { ...sent(keys[0] ?? null), status: "sent" as const };
    act(() => tell({ type: "message.created", data }, { type: "message.updated", data }));
    expect(await screen.findByText("Đã gửi")).toBeVisible();
    expect(screen.getAllByText("Dạ còn ạ")).toHaveLength(1);
  });

  it("keeps what a business may not send while it is suspended, and says why", async () => {
    serveInbox([conversation], [message]);
    const refusal = { code: "tenant_suspended", status: 409 };
    let isSuspended = true;
    server.use(
      http.post("*/api/conversations/:id/messages", ({ request }) => {
        if (isSuspended) return HttpResponse.json(refusal, { status: 409 });
        return HttpResponse.json(
          aMessage({ id: "m4", conversation_id: ID, client_id: request.headers.get("Idempotency-Key") }),
          { status: 202 },
        );
      }),
      http.post("*/api/conversations/:id/notes", () =>
        HttpResponse.json({ ...refusal, code: "tenant_deleting" }, { status: 409 }),
      ),
    );
    await openInbox(`/inbox/${ID}`);
    await userEvent.type(await field(), "Dạ còn{Enter}");
    const failed = await screen.findByRole("group", { name: "Không gửi được" });
    expect(failed).toHaveTextContent("Cửa hàng đang bị tạm ngưng");
    await userEvent.click(screen.getByRole("radio", { name: "Ghi chú" }));
    const note = screen.getByLabelText("Nội dung ghi chú");
    await userEvent.type(note, "Gọi lại sau{Enter}");
    expect(await screen.findByText(/đang chờ xóa nên chỉ xem được/)).toBeVisible();
    expect(note).toHaveValue("Gọi lại sau");
    isSuspended = false;
    await userEvent.click(within(failed).getByRole("button", { name: "Gửi lại" }));
    await waitFor(() => expect(Object.keys(useOutbox.getState().entries)).toHaveLength(0));
  });

  it("keeps what cannot be sent now, and sends it with the same key when the network is back", async () => {
    serveInbox([conversation], [message]);
    const keys: (string | null)[] = [];
    let isDown = true;
    server.use(
      http.post("*/api/conversations/:id/messages", ({ request }) => {
        const key = request.headers.get("Idempotency-Key");
        keys.push(key);
        if (isDown) return HttpResponse.error();
        const answer = {
          id: "m3",
          conversation_id: ID,
          content: "Dạ có ạ",
          client_id: key,
          created_at: soon(0),
        };
        return HttpResponse.json(aMessage({ ...answer, sender_type: "business", status: "queued" }), {
          status: 202,
        });
      }),
    );
    await openInbox(`/inbox/${ID}`);
    await userEvent.type(await field(), "Dạ có ạ{Enter}");
    await waitFor(() => expect(keys).toHaveLength(1));
    expect(screen.getByText("Dạ có ạ")).toBeVisible();
    isDown = false;
    await waitFor(() => expect(useOutbox.getState().sending.size).toBe(0));
    act(() => void dispatchEvent(new Event("online")));
    expect(await screen.findByText("Đang chờ gửi")).toBeVisible();
    expect(keys).toEqual([keys[0], keys[0]]);
    await waitFor(() => expect(Object.keys(useOutbox.getState().entries)).toHaveLength(0));
  });

  it("asks before it sends what waited for hours", async () => {
    serveInbox([conversation], [message]);
    await openInbox(`/inbox/${ID}`);
    await field();
    save({
      id: "old",
      userId: "u1",
      conversationId: ID,
      text: "Tin của hôm qua",
      file: null,
      at: Date.now() - 7_200_000,
      order: 0,
      refusal: null,
    });
    act(() => void dispatchEvent(new Event("online")));
    expect(await screen.findByText("Tin chờ quá lâu nên không gửi nữa.")).toBeVisible();
    expect(screen.getByRole("button", { name: "Gửi lại" })).toBeVisible();
  });

  it("keeps a refused message with its reason, and takes it back into the composer", async () => {
    serveInbox([conversation], [message]);
    server.use(
      http.post("*/api/conversations/:id/messages", () =>
        HttpResponse.json(
          { code: "window_closed", detail: "", errors: [], request_id: "r1" },
          { status: 409 },
        ),
      ),
    );
    await openInbox(`/inbox/${ID}`);
    await userEvent.type(await field(), "Dạ{Enter}");
    expect(await screen.findByText(/Đã hết thời hạn trả lời của Meta/)).toBeVisible();
    expect(screen.queryByRole("button", { name: "Gửi lại" })).not.toBeInTheDocument();
    await userEvent.click(screen.getByRole("button", { name: "Sửa" }));
    await waitFor(async () => expect(await field()).toHaveValue("Dạ"));
  });

  it("never sends while a character is being composed", async () => {
    serveInbox([conversation], [message]);
    await openInbox(`/inbox/${ID}`);
    const box = await field();
    await userEvent.type(box, "tiê");
    const enter = new KeyboardEvent("keydown", {
      key: "Enter",
      isComposing: true,
      bubbles: true,
      cancelable: true,
    });
    act(() => void box.dispatchEvent(enter));
    expect(box).toHaveValue("tiê");
    expect(Object.keys(useOutbox.getState().entries)).toHaveLength(0);
  });

  it("says what remains allowed when the window is closed", async () => {
    const reply_window = { ai_until: soon(-200), human_until: soon(-1) };
    serveInbox([{ ...conversation, reply_window }], [message]);
    await openInbox(`/inbox/${ID}`);
    expect(await field()).toHaveAttribute("readonly");
    expect(screen.getAllByText(/Bạn vẫn ghi chú được/).length).toBeGreaterThan(0);
    await userEvent.click(screen.getByRole("radio", { name: "Ghi chú" }));
    expect(await screen.findByRole("textbox", { name: "Nội dung ghi chú" })).not.toHaveAttribute("readonly");
  });

  it("shows a customer's words as words", async () => {
    const content = '<img src=x onerror="alert(1)"> javascript:alert(1) https://shop.example/a.';
    serveInbox([conversation], [{ ...message, content }]);
    await openInbox(`/inbox/${ID}`);
    const link = await screen.findByRole("link", { name: "https://shop.example/a" });
    expect(link).toHaveAttribute("rel", expect.stringContaining("noopener"));
    expect(screen.getByText(/<img src=x onerror/)).toBeVisible();
    expect(document.querySelector("img[src=x]")).toBeNull();
  });

  it("keeps the room of what may be chosen for the first visit, and has none afterwards where there is nothing", async () => {
    usePreferences.setState({ panes: {} });
    serveInbox([conversation], [message]);
    const room = () => document.querySelector(".in-narrowing");
    const first = await openInbox("/inbox");
    await screen.findByRole("link", { name: /Nguyễn Minh Anh/ });
    await waitFor(() => expect(usePreferences.getState().panes).toEqual({ "inbox.narrowing": 0 }));
    expect(room()).toBeEmptyDOMElement();
    first.unmount();
    await openInbox("/inbox");
    await screen.findByRole("link", { name: /Nguyễn Minh Anh/ });
    expect(room()).toBeNull();
  });

  it("says why nothing is there, and what failed with the request's id", async () => {
    serveInbox([], []);
    await openInbox("/inbox?filter=mine");
    expect(await screen.findByText("Chưa có cuộc trò chuyện nào giao cho bạn.")).toBeVisible();
    server.use(
      http.get("*/api/conversations", () =>
        HttpResponse.json({ code: "internal", request_id: "req-7", errors: [] }, { status: 500 }),
      ),
    );
    await userEvent.click(screen.getAllByRole("button", { name: "Bỏ lọc" })[0] ?? document.body);
    expect(await screen.findByText("req-7")).toBeVisible();
    expect(screen.getByRole("button", { name: "Thử lại" })).toBeVisible();
  });
});
