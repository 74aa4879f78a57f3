import { act, cleanup, render, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { HttpResponse, http } from "msw";
import { createMemoryRouter, RouterProvider } from "react-router";
import { beforeEach, describe, expect, it, vi } from "vitest";
import type { ListFailedWork, Tenant } from "@/api/gen/model";
import { begin, end, useSession } from "@/api/session";
import { visit } from "@/api/visit";
import { loadWords } from "@/shared/i18n";
import { aProblem, aSession, aUser } from "../../../test/builders";
import { server } from "../../../test/server";
import { readCap } from "./cap";
import { Component as Console } from "./Page";
import { periodOf } from "./Usage";

const AT = "2026-11-22T08:30:00.000Z";
const ID = "0198f000-0000-7000-8000-0000000000b1";
const user = userEvent.setup();

type FailedWork = ListFailedWork["items"][number];

function aTenant(over: Partial<Tenant> = {}): Tenant {
  return {
    business_id: ID,
    name: "Gốm Lan",
    state: "active",
    changed_at: AT,
    plan: "standard",
    tokens_per_day: 200_000,
    is_capped: false,
    tokens_today: 1_200,
    tokens_month: 90_000,
    channels: 2,
    troubled_channels: 1,
    created_at: AT,
    ...over,
  };
}
const detail = (over: Partial<Tenant> = {}) => ({
  ...aTenant(over),
  member_counts: [{ member_role: "owner", count: 1 }],
  channel_health: [],
  days: [],
  visits: [],
});
const failed = (id: string, over: Partial<FailedWork> = {}): FailedWork => ({
  id,
  service: "inbox",
  kind: "send",
  entity_id: `m-${id}`,
  attempts: 8,
  why: "unreachable",
  failed_at: AT,
  can_retry: true,
  can_discard: true,
  ...over,
});

function open(address: string) {
  const router = createMemoryRouter(
    [
      { path: "/admin/*", Component: Console },
      { path: "/inbox", element: <h1>Hộp thư</h1> },
    ],
    { initialEntries: [address] },
  );
  render(<RouterProvider router={router} />);
  return router;
}

beforeEach(async () => {
  await loadWords("console", "audit", "security", "access");
  end(null);
  begin(
    aSession("t", { user: aUser({ role: "admin", member_role: null, business_id: null, time_zone: null }) }),
    Date.now(),
  );
  server.use(http.get("*/api/admin/system", () => HttpResponse.json({ services: [] })));
});

describe("the console", () => {
  it("is not for members", async () => {
    begin(aSession("t"), Date.now());
    open("/admin/tenants");
    expect(await screen.findByText("Chỉ dành cho quản trị viên nền tảng")).toBeVisible();
    expect(screen.queryByRole("navigation")).toBeNull();
  });

  it("finds businesses by what is typed and by state, and keeps both in the address", async () => {
    const asked: string[] = [];
    server.use(
      http.get("*/api/admin/tenants", ({ request }) => {
        asked.push(new URL(request.url).search);
        return HttpResponse.json({ items: [aTenant()] });
      }),
    );
    const router = open("/admin");
    expect(await screen.findByRole("link", { name: "Gốm Lan" })).toBeVisible();
    await user.type(screen.getByLabelText("Tìm cửa hàng"), "lan{Enter}");
    await waitFor(() => expect(router.state.location.search).toBe("?q=lan"));
    await user.selectOptions(screen.getByLabelText("Trạng thái"), "suspended");
    await waitFor(() => expect(router.state.location.search).toBe("?q=lan&state=suspended"));
    await waitFor(() => expect(asked.at(-1)).toBe("?limit=50&q=lan&state=suspended"));
  });

  it("suspends only with a reason and the name typed, and shows what the server refuses", async () => {
    const sent: unknown[] = [];
    server.use(
      http.get(`*/api/admin/tenants/${ID}`, () => HttpResponse.json(detail())),
      http.post(`*/api/admin/tenants/${ID}/suspend`, async ({ request }) => {
        sent.push(await request.json());
        const errors = [{ field: "reason", code: "too_long", detail: "" }];
        return HttpResponse.json(aProblem(422, "invalid_fields", { errors }), { status: 422 });
      }),
    );
    open(`/admin/tenants/${ID}`);
    await user.click(await screen.findByRole("button", { name: "Tạm ngưng…" }));
    const dialog = within(screen.getByRole("dialog"));
    const submit = dialog.getByRole("button", { name: "Tạm ngưng" });
    expect(submit).toBeDisabled();
    await user.type(dialog.getByLabelText("Lý do"), "Gửi thư rác");
    expect(submit).toBeDisabled();
    await user.type(dialog.getByLabelText(/Gõ tên cửa hàng/), "Gốm Lan");
    await user.click(submit);
    await waitFor(() =>
      expect(dialog.getByLabelText("Lý do")).toHaveAccessibleDescription(/Nội dung quá dài/),
    );
    expect(sent).toEqual([{ reason: "Gửi thư rác" }]);
  });

  it("keeps the reason that was being written when the session ended by itself", async () => {
    server.use(http.get(`*/api/admin/tenants/${ID}`, () => HttpResponse.json(detail())));
    open(`/admin/tenants/${ID}`);
    const ask = async () => {
      await user.click(await screen.findByRole("button", { name: "Vào xem…" }));
      return within(screen.getByRole("dialog")).getByLabelText("Lý do");
    };
    await user.type(await ask(), "Kênh lỗi");
    const { user: admin } = useSession.getState();
    if (admin === null) throw new Error("nobody is logged in");
    act(() => end("ended"));
    cleanup();
    begin(aSession("t", { user: admin }), Date.now());
    open(`/admin/tenants/${ID}`);
    expect(await ask()).toHaveValue("Kênh lỗi");
  });

  it("shows what would become of failed work before it decides", async () => {
    const sent: unknown[] = [];
    server.use(
      http.get("*/api/admin/work", () => HttpResponse.json({ items: [failed("1"), failed("2")] })),
      http.post("*/api/admin/work/retry", async ({ request }) => {
        const body: unknown = await request.json();
        sent.push(body);
        const dry_run = JSON.stringify(body).includes('"dry_run":true');
        return HttpResponse.json({ done: ["1"], gone: ["2"], dry_run });
      }),
    );
    open("/admin/work");
    await user.click(await screen.findByRole("button", { name: "Chọn tất cả" }));
    await user.click(screen.getByRole("button", { name: "Chạy lại (2)" }));
    const dialog = within(screen.getByRole("dialog"));
    expect(await dialog.findByText("Sẽ chạy lại 1 việc. 1 việc không còn nữa.")).toBeVisible();
    expect(sent).toEqual([{ ids: ["1", "2"], dry_run: true }]);
    await user.click(dialog.getByRole("button", { name: "Chạy lại" }));
    await waitFor(() => expect(sent.at(-1)).toEqual({ ids: ["1", "2"], dry_run: false }));
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
  });

  it("offers to retry and to discard only what the server would", async () => {
    const sent: unknown[] = [];
    let items = [
      failed("1", { can_discard: false }),
      failed("2", { can_retry: false }),
      failed("3", { can_retry: false }),
    ];
    server.use(
      http.get("*/api/admin/work", () => HttpResponse.json({ items })),
      http.post("*/api/admin/work/discard", async ({ request }) => {
        sent.push(await request.json());
        return HttpResponse.json({ done: ["2", "3"], gone: [], dry_run: sent.length === 1 });
      }),
    );
    open("/admin/work");
    await user.click(await screen.findByRole("button", { name: "Chọn tất cả" }));
    expect(screen.getByRole("button", { name: "Chạy lại (1)" })).toBeEnabled();
    expect(screen.getByText(/Chỉ chạy lại được/)).toBeVisible();
    await user.click(screen.getByRole("button", { name: "Bỏ (2)" }));
    const dialog = within(screen.getByRole("dialog"));
    await dialog.findByText("Sẽ bỏ 2 việc.");
    items = items.slice(0, 1);
    await user.click(dialog.getByRole("button", { name: "Bỏ hẳn" }));
    await waitFor(() => expect(screen.queryByRole("button", { name: /^Bỏ/ })).toBeNull());
    expect(sent).toEqual([true, false].map((dry_run) => ({ ids: ["2", "3"], dry_run })));
    expect(screen.getByRole("button", { name: "Chạy lại (0)" })).toBeDisabled();
  });

  it("narrows failed work to a kind that has some, and keeps that in the address", async () => {
    const asked: string[] = [];
    const queue = { due: 0, leased: 0, later: 0, oldest_due_at: null };
    const queues = [
      { ...queue, kind: "reply", set_aside: 0 },
      { ...queue, kind: "send", set_aside: 2 },
    ];
    const inbox = { service: "inbox", is_up: true, queues, unknown_sends: 0, pool: null };
    server.use(
      http.get("*/api/admin/system", () => HttpResponse.json({ services: [inbox] })),
      http.get("*/api/admin/work", ({ request }) => {
        asked.push(new URL(request.url).search);
        return HttpResponse.json({ items: [] });
      }),
    );
    const router = open("/admin/work");
    const kinds = await screen.findByLabelText("Loại việc");
    await waitFor(() => expect(within(kinds).getAllByRole("option")).toHaveLength(2));
    await user.selectOptions(kinds, "send");
    expect(await screen.findByText("Không có việc nào bị lỗi thuộc loại: Gửi tin")).toBeVisible();
    expect(asked.at(-1)).toBe("?limit=50&service=inbox&kind=send");
    expect(router.state.location.search).toBe("?service=inbox&kind=send");
  });

  it("is left by an admin who switches their codes off, for without them nobody works here", async () => {
    const me = aUser({
      role: "admin",
      member_role: null,
      business_id: null,
      time_zone: null,
      has_totp: true,
    });
    begin(aSession("t", { user: me }), Date.now());
    server.use(
      http.get("*/api/auth/sessions", () => HttpResponse.json({ items: [] })),
      http.delete("*/api/auth/totp", () => new HttpResponse(null, { status: 204 })),
    );
    open("/admin/account");
    expect(await screen.findByText("Ít nhất 12 ký tự.")).toBeVisible();
    await user.click(screen.getByText("Tắt mã xác thực", { selector: "summary" }));
    expect(screen.getByText(/bạn sẽ bị đăng xuất ngay/)).toBeVisible();
    await user.type(screen.getByLabelText("Mật khẩu để tắt mã"), "mat-khau-quan-tri");
    await user.type(screen.getByLabelText("Mã xác thực"), "123456{Enter}");
    await waitFor(() => expect(useSession.getState().phase).toBe("out"));
  });

  it("adds up what the businesses used that have no line of their own", async () => {
    const used = { calls: 2, prompt_tokens: 300, completion_tokens: 40, spend: null };
    const tenants = [{ ...used, business_id: ID, business_name: "Gốm Lan" }];
    let others: unknown = { ...used, tenants: 7, calls: 9 };
    server.use(
      http.get("*/api/admin/usage", () =>
        HttpResponse.json({ tenants, others, days: [], total: { ...used, calls: 11 } }),
      ),
    );
    open("/admin/usage");
    expect(await screen.findByRole("row", { name: "7 cửa hàng khác 9 300 40 –" })).toBeVisible();
    others = null;
    cleanup();
    open("/admin/usage");
    expect(await screen.findByRole("row", { name: /^Tổng 11/ })).toBeVisible();
    expect(screen.queryByText(/cửa hàng khác/)).toBeNull();
  });

  it("says which service cannot be reached, and nothing about its queues", async () => {
    const down = { service: "inbox", is_up: false, queues: [], unknown_sends: 0, pool: null };
    const queue = { kind: "reply", due: 3, leased: 1, later: 0, set_aside: 2, oldest_due_at: AT };
    const newer = { ...queue, kind: "newer_than_this_app", set_aside: 0 };
    const up = { service: "catalog", is_up: true, queues: [queue, newer], unknown_sends: 0, pool: null };
    server.use(http.get("*/api/admin/system", () => HttpResponse.json({ services: [down, up] })));
    open("/admin/system");
    const inbox = within(await screen.findByRole("region", { name: "inbox" }));
    expect(inbox.getByText("Không liên lạc được")).toBeVisible();
    expect(inbox.queryByRole("table")).toBeNull();
    const catalog = within(screen.getByRole("region", { name: "catalog" }));
    expect(catalog.getByRole("link", { name: "2" })).toHaveAttribute(
      "href",
      "/admin/work?service=catalog&kind=reply",
    );
    expect(catalog.getByRole("rowheader", { name: "Trợ lý trả lời reply" })).toBeVisible();
    expect(catalog.getByRole("rowheader", { name: "newer_than_this_app" })).toBeVisible();
  });

  it("enters a business in this window, with a token of its own", async () => {
    const entered = {
      access_token: "visit-token",
      expires_in: 900,
      visit: {
        id: "v1",
        business_id: ID,
        business_name: "Gốm Lan",
        admin_id: "a1",
        reason: "Kênh lỗi",
        started_at: AT,
        ends_at: AT,
      },
    };
    server.use(
      http.get(`*/api/admin/tenants/${ID}`, () => HttpResponse.json(detail())),
      http.post(`*/api/admin/tenants/${ID}/enter`, () => HttpResponse.json(entered)),
    );
    // The page starts anew, which a test cannot.
    vi.spyOn(console, "error").mockImplementation(() => {});
    open(`/admin/tenants/${ID}`);
    await user.click(await screen.findByRole("button", { name: "Vào xem…" }));
    const dialog = within(screen.getByRole("dialog"));
    await user.type(dialog.getByLabelText("Lý do"), "Kênh lỗi");
    await user.click(dialog.getByRole("button", { name: "Vào xem" }));
    await waitFor(() => expect(visit()).toMatchObject({ token: "visit-token", businessId: ID }));
    expect(localStorage.getItem("cd.visit")).toBeNull();
  });
});

describe("its rules", () => {
  it.each([
    ["", null],
    ["0", 0],
    ["200.000", 200_000],
    ["200 000", 200_000],
    ["-1", undefined],
    ["nhiều", undefined],
    ["9999999999999", undefined],
  ])("a cap of %j is %j", (typed, cap) => expect(readCap(typed)).toBe(cap));

  it("reads the period of an address, and puts it the right way round", () => {
    const read = (search: string) => periodOf(new URLSearchParams(search), "2026-11-23");
    expect(read("")).toEqual({ first: "2026-10-25", last: "2026-11-23" });
    expect(read("from=2026-11-20&to=2026-11-10")).toEqual({ first: "2026-11-10", last: "2026-11-20" });
    expect(read("from=x&to=2026-11-30")).toEqual({ first: "2026-11-01", last: "2026-11-30" });
  });
});
