import { render, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { HttpResponse, http, ws } from "msw";
import { createMemoryRouter, RouterProvider } from "react-router";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { begin, beginVisiting, end, useSession } from "@/api/session";
import { enqueue } from "@/features/inbox/compose/outbox";
import { loadWords, setLanguage } from "@/shared/i18n";
import { usePreferences } from "@/shared/preferences";
import { aProblem, aSession, aUser } from "../../test/builders";
import { server } from "../../test/server";
import { SessionOnly } from "./guards";
import { Component as Shell } from "./Shell";

const user = userEvent.setup();
const live = ws.link("ws://*/ws/*");
const counts = { open: 5, unread: 2, mine: 0, ai: 1, needs_human: 0, closing_soon: 0 };

function open() {
  const shell = { Component: Shell, children: [{ path: "/inbox", element: <h1>Trang</h1> }] };
  const router = createMemoryRouter(
    [
      { Component: SessionOnly, children: [shell] },
      { path: "/login", element: <h1>Ngoài</h1> },
      { path: "/admin", element: <h1>Quản trị</h1> },
    ],
    { initialEntries: ["/inbox"] },
  );
  render(<RouterProvider router={router} />);
  return router;
}

beforeEach(async () => {
  document.title = "Trang · ChatDesk";
  await loadWords("inbox");
  server.use(
    http.get("*/api/notices", () => HttpResponse.json({ items: [] })),
    http.get("*/api/conversations/counts", () => HttpResponse.json(counts)),
    http.post("*/api/ws-ticket", () => HttpResponse.json({ ticket: "abc", expires_in: 30 })),
    live.addEventListener("connection", ({ client }) => {
      client.send(JSON.stringify({ seq: 7, type: "hello", data: {} }));
      client.send(JSON.stringify({ seq: null, type: "resumed", data: { seq: 7 } }));
    }),
  );
  begin(aSession("t"), Date.now());
});

describe("the shell", () => {
  it("has one main, the pages, and how much is unread", async () => {
    open();
    expect(await screen.findByRole("main")).toContainElement(screen.getByRole("heading", { name: "Trang" }));
    const pages = within(screen.getByRole("navigation", { name: "Các trang" }));
    expect(await pages.findByRole("link", { name: /Hộp thư.*2 cuộc trò chuyện chưa đọc/ })).toBeVisible();
    expect(pages.getAllByRole("link")).toHaveLength(6);
    await waitFor(() => expect(document.title).toBe("(2) Trang · ChatDesk"));
  });

  it("sends what waits, whichever page is open", async () => {
    const sent = vi.fn();
    server.use(
      http.post("*/api/conversations/:id/messages", ({ params }) => {
        sent(params.id);
        return HttpResponse.json(aProblem(409, "window_closed"), { status: 409 });
      }),
    );
    enqueue("c1", "Dạ", []);
    open();
    await waitFor(() => expect(sent).toHaveBeenCalledWith("c1"));
  });

  it("shows the shortcuts on ?, and closes them", async () => {
    open();
    await screen.findByRole("main");
    await user.keyboard("?");
    const sheet = await screen.findByRole("dialog", { name: "Phím tắt" });
    expect(within(sheet).getByText("Xem các phím tắt")).toBeVisible();
    await user.click(within(sheet).getByRole("button", { name: "Đóng" }));
    expect(screen.queryByRole("dialog")).toBeNull();
  });

  it("switches language and theme from the keyboard, and remembers them", async () => {
    open();
    const account = await screen.findByRole("button", { name: /Tài khoản: Chủ shop/ });
    account.focus();
    await user.keyboard("{Enter}");
    expect(await screen.findByRole("menuitemcheckbox", { name: "Giao diện sáng" })).toHaveFocus();
    await user.keyboard("{ArrowDown}{Enter}");
    expect(usePreferences.getState().theme).toBe("dark");
    expect(account).toHaveFocus();
    await user.click(account);
    await user.click(await screen.findByRole("menuitemcheckbox", { name: "English" }));
    expect(await screen.findByRole("link", { name: /Products/ })).toBeVisible();
    expect(document.documentElement.lang).toBe("en");
    expect(usePreferences.getState().language).toBe("en");
    await setLanguage("vi");
  });

  it("logs out only when the server says so", async () => {
    let csrf: string | null = null;
    server.use(
      http.post("*/api/auth/logout", () => HttpResponse.json(aProblem(503, "unavailable"), { status: 503 }), {
        once: true,
      }),
      http.post("*/api/auth/logout", ({ request }) => {
        csrf = request.headers.get("x-cd-csrf");
        return new HttpResponse(null, { status: 204 });
      }),
    );
    open();
    const account = await screen.findByRole("button", { name: /Tài khoản/ });
    const leave = async () => {
      await user.click(account);
      await user.click(await screen.findByRole("menuitem", { name: "Đăng xuất" }));
    };
    await leave();
    expect(await screen.findByText(/tạm gián đoạn/)).toBeVisible();
    expect(useSession.getState().phase).toBe("in");
    await leave();
    expect(await screen.findByRole("heading", { name: "Ngoài" })).toBeVisible();
    expect(csrf).toBe("1");
  });

  it("asks before logging out everywhere", async () => {
    const asked = vi.fn();
    server.use(
      http.post("*/api/auth/logout-everywhere", () => {
        asked();
        return new HttpResponse(null, { status: 204 });
      }),
    );
    open();
    await user.click(await screen.findByRole("button", { name: /Tài khoản/ }));
    await user.click(await screen.findByRole("menuitem", { name: "Đăng xuất mọi thiết bị" }));
    expect(asked).not.toHaveBeenCalled();
    const dialog = await screen.findByRole("dialog");
    await user.click(within(dialog).getByRole("button", { name: "Đăng xuất mọi thiết bị" }));
    expect(await screen.findByRole("heading", { name: "Ngoài" })).toBeVisible();
  });

  it("leads platform admins to their console: there is no inbox for them", async () => {
    end(null);
    const admin = aUser({ role: "admin", member_role: null, business_id: null });
    begin(aSession("t", { user: admin }), Date.now());
    open();
    expect(await screen.findByRole("heading", { name: "Quản trị" })).toBeVisible();
    expect(screen.queryByRole("navigation")).toBeNull();
  });

  it("tells the people of a business who looks at it, and owners how to take a deletion back", async () => {
    const since = "2026-11-22T08:30:00Z";
    const items = [
      { kind: "visit", reason: "Kênh lỗi", since, until: "2026-11-22T08:45:00Z" },
      { kind: "deletion", reason: null, since, until: "2026-12-22T08:30:00Z" },
    ];
    server.use(http.get("*/api/notices", () => HttpResponse.json({ items })));
    open();
    expect(await screen.findByText(/đang xem dữ liệu cửa hàng.*Kênh lỗi/)).toBeVisible();
    expect(screen.getByText(/sẽ bị xóa vào 22\/12\/2026/)).toBeVisible();
    expect(screen.getByRole("link", { name: "Rút lại" })).toHaveAttribute("href", "/settings/privacy");
  });

  it("tells of many visits in one line, and of each on demand", async () => {
    const look = (minute: number, reason: string) => ({
      kind: "visit",
      reason,
      since: `2026-11-22T08:${minute}:00Z`,
      until: `2026-11-22T08:${minute + 15}:00Z`,
    });
    const items = [look(10, "Kênh lỗi"), look(30, "Đối soát"), look(20, "Hóa đơn")];
    server.use(http.get("*/api/notices", () => HttpResponse.json({ items })));
    open();
    const line = await screen.findByText(/^Có 3 lượt.*đến 15:45\. Lý do mới nhất: Đối soát$/);
    expect(screen.getAllByText(/đang xem dữ liệu cửa hàng/)).toEqual([line]);
    const each = screen.getAllByRole("listitem", { hidden: true }).filter((item) => item.closest("details"));
    expect(each.map((item) => item.textContent)).toEqual([
      "15:30–15:45 · Đối soát",
      "15:20–15:35 · Hóa đơn",
      "15:10–15:25 · Kênh lỗi",
    ]);
    expect(each[0]).not.toBeVisible();
    await user.click(line);
    expect(each[0]).toBeVisible();
  });

  it("says of a suspended business why, and that everything can be read", async () => {
    const items = [{ kind: "suspended", reason: "Chưa thanh toán", since: "2026-11-22T08:30:00Z" }];
    server.use(http.get("*/api/notices", () => HttpResponse.json({ items })));
    open();
    expect(await screen.findByText(/tạm ngưng: Chưa thanh toán\. Bạn vẫn đọc được/)).toBeVisible();
  });

  it("reminds a visiting admin where they are, and opens no socket", async () => {
    const ticket = vi.fn();
    server.use(
      http.post("*/api/ws-ticket", () => {
        ticket();
        return HttpResponse.json(aProblem(403, "read_only"), { status: 403 });
      }),
    );
    end(null);
    const endsAt = Date.now() + 600_000;
    const kept = { token: "v", endsAt, businessId: "b1", businessName: "Gốm Lan", reason: "Kênh lỗi" };
    sessionStorage.setItem("cd.visit", JSON.stringify(kept));
    beginVisiting(aUser({ member_role: "viewer", is_visitor: true }), { token: "v", expiresAt: endsAt });
    open();
    const banner = await screen.findByRole("region", { name: "Đang xem cửa hàng" });
    expect(banner).toHaveTextContent(/Gốm Lan.*chỉ xem.*Kênh lỗi/);
    expect(within(banner).getByRole("button", { name: "Rời cửa hàng" })).toBeVisible();
    expect(ticket).not.toHaveBeenCalled();
    // Nothing of the visit is remembered as this browser's session.
    expect(localStorage.getItem("cd.session")).toBeNull();
  });

  it("says that the connection is lost, but not at once", async () => {
    server.use(http.post("*/api/ws-ticket", () => HttpResponse.error()));
    open();
    await screen.findByRole("main");
    expect(screen.queryByText(/Mất kết nối/)).toBeNull();
    expect(await screen.findByText(/Mất kết nối/)).toBeVisible();
  });
});
