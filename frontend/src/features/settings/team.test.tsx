import { QueryClientProvider } from "@tanstack/react-query";
import { render, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { HttpResponse, http } from "msw";
import { createMemoryRouter, RouterProvider } from "react-router";
import { beforeEach, describe, expect, it } from "vitest";
import { makeQueryClient } from "@/api/client";
import type { Member, MemberRole } from "@/api/gen/model";
import { begin, end } from "@/api/session";
import { loadWords } from "@/shared/i18n";
import { rightsOf } from "@/shared/rights";
import { clock, date } from "@/shared/time";
import { Toasts } from "@/shared/ui/toast";
import { aProblem, aSession, aUser } from "../../../test/builders";
import { server } from "../../../test/server";
import { Component as Settings } from "./Page";
import { addedBy, givenBy, mayChange } from "./roles";

const AT = "2026-11-22T08:30:00.000Z";
const user = userEvent.setup();

function aMember(id: string, name: string, member_role: MemberRole): Member {
  return { id, name, member_role, email: `${id}@shop.test`, has_totp: false, created_at: AT };
}
const ME = aUser().id;
const members = [
  aMember(ME, "Chủ", "owner"),
  aMember("m2", "Lan", "agent"),
  aMember("m3", "Minh", "manager"),
];

function open(address: string, over: Parameters<typeof aUser>[0] = {}) {
  begin(aSession("t", { user: aUser(over) }), Date.now());
  const router = createMemoryRouter([{ path: "/settings/*", Component: Settings }], {
    initialEntries: [address],
  });
  render(
    <QueryClientProvider client={makeQueryClient()}>
      <RouterProvider router={router} />
      <Toasts />
    </QueryClientProvider>,
  );
  return router;
}

beforeEach(async () => {
  end(null);
  await loadWords("settings", "security", "audit", "access");
  server.use(
    http.get("*/api/members", () => HttpResponse.json({ items: members })),
    http.get("*/api/team/invitations", () => HttpResponse.json({ items: [] })),
  );
});

describe("the team", () => {
  it("offers a manager to change those below, to roles up to their own", async () => {
    open("/settings/team", { id: "m3", member_role: "manager" });
    const role = await screen.findByLabelText("Vai trò của Lan");
    expect(within(role).getAllByRole("option")).toHaveLength(3);
    expect(screen.queryByLabelText("Vai trò của Chủ")).toBeNull();
    expect(screen.queryByRole("button", { name: "Gỡ Chủ khỏi cửa hàng" })).toBeNull();
    // A manager may leave.
    expect(screen.getByRole("button", { name: "Gỡ Minh khỏi cửa hàng" })).toBeVisible();
  });

  it("shows agents their colleagues and nothing to change", async () => {
    open("/settings/team", { id: "m2", member_role: "agent" });
    expect(await screen.findByText("Minh")).toBeVisible();
    expect(screen.queryByRole("combobox")).toBeNull();
    expect(screen.queryByRole("button", { name: "Mời nhân viên" })).toBeNull();
  });

  it("keeps the role that the server refuses to change, and says why", async () => {
    server.use(
      http.patch(`*/api/team/members/${ME}`, () =>
        HttpResponse.json(aProblem(409, "last_owner"), { status: 409 }),
      ),
    );
    open("/settings/team");
    await user.selectOptions(await screen.findByLabelText("Vai trò của Chủ"), "agent");
    expect(await screen.findByText("Cửa hàng cần ít nhất một chủ.")).toBeInTheDocument();
    expect(screen.getByLabelText("Vai trò của Chủ")).toHaveValue("owner");
  });

  it("invites by mail, and leads to a first password where no mail is sent", async () => {
    let sent: unknown;
    server.use(
      http.post("*/api/team/invitations", async ({ request }) => {
        sent = await request.json();
        return HttpResponse.json(aProblem(409, "mail_off"), { status: 409 });
      }),
    );
    open("/settings/team");
    await user.click(await screen.findByRole("button", { name: "Mời nhân viên" }));
    const dialog = within(screen.getByRole("dialog"));
    await user.click(dialog.getByRole("button", { name: "Gửi lời mời" }));
    expect(dialog.getByLabelText("Email")).toBeInvalid();
    await user.type(dialog.getByLabelText("Email"), "moi@shop.test");
    await user.click(dialog.getByRole("button", { name: "Gửi lời mời" }));
    expect(await dialog.findByRole("alert")).toHaveTextContent("chưa gửi được thư");
    expect(sent).toEqual({ email: "moi@shop.test", member_role: "agent", language: "vi" });
    await user.click(dialog.getByRole("button", { name: "Thêm nhân viên" }));
    expect(dialog.getByLabelText("Mật khẩu ban đầu")).toBeVisible();
    expect(dialog.getByLabelText("Email")).toHaveValue("moi@shop.test");
    expect(dialog.getByLabelText(/^Tên/)).toHaveFocus();
  });

  it("keeps apart whose link works and whose came to its end, and sends that again", async () => {
    const anInvitation = (id: string, state: "open" | "expired") => ({
      id,
      email: `${id}@shop.test`,
      member_role: "viewer",
      invited_by: ME,
      created_at: AT,
      expires_at: "2026-11-29T08:30:00.000Z",
      state,
    });
    let items = [anInvitation("lan", "open"), anInvitation("minh", "expired")];
    let sent: unknown;
    server.use(
      http.get("*/api/team/invitations", () => HttpResponse.json({ items })),
      http.post("*/api/team/invitations", async ({ request }) => {
        sent = await request.json();
        items = [anInvitation("lan", "open"), anInvitation("minh", "open")];
        return HttpResponse.json(items[1]);
      }),
    );
    open("/settings/team");
    const waiting = await screen.findByRole("list", { name: "Lời mời đang chờ" });
    expect(waiting).toHaveTextContent("lan@shop.test");
    expect(waiting).not.toHaveTextContent("minh@shop.test");
    const over = screen.getByRole("list", { name: "Lời mời đã hết hạn" });
    expect(over).toHaveTextContent("Hết hạn ngày 29/11/2026");
    expect(over).not.toHaveTextContent("Có hiệu lực");
    await user.click(within(over).getByRole("button", { name: "Gửi lại lời mời đến minh@shop.test" }));
    expect(sent).toEqual({ email: "minh@shop.test", member_role: "viewer", language: "vi" });
    await waitFor(() => expect(waiting).toHaveTextContent("minh@shop.test"));
    expect(screen.queryByRole("list", { name: "Lời mời đã hết hạn" })).toBeNull();
  });

  it("asks before it removes somebody, who is gone from the list then", async () => {
    server.use(http.delete("*/api/team/members/m2", () => new HttpResponse(null, { status: 204 })));
    open("/settings/team");
    await user.click(await screen.findByRole("button", { name: "Gỡ Lan khỏi cửa hàng" }));
    await user.click(within(screen.getByRole("dialog")).getByRole("button", { name: "Gỡ" }));
    await waitFor(() => expect(screen.queryByLabelText("Vai trò của Lan")).toBeNull());
  });
});

describe("what is whose", () => {
  const sections = async () =>
    within(await screen.findByRole("navigation"))
      .getAllByRole("link")
      .map((link) => link.textContent);

  it.each<[MemberRole, boolean, string[], string[]]>([
    ["owner", false, ["Nhân viên", "Bảo mật", "Nhật ký", "Dữ liệu"], []],
    ["manager", false, ["Nhân viên", "Bảo mật", "Nhật ký"], ["Dữ liệu"]],
    ["viewer", false, ["Nhân viên", "Bảo mật"], ["Nhật ký", "Dữ liệu"]],
    ["viewer", true, ["Trợ lý AI"], ["Hồ sơ", "Nhân viên", "Bảo mật", "Nhật ký", "Dữ liệu"]],
  ])("%s, visiting: %s", async (member_role, is_visitor, there, notThere) => {
    open("/settings/appearance", { member_role, is_visitor });
    const names = await sections();
    for (const name of there) expect(names).toContain(name);
    for (const name of notThere) expect(names).not.toContain(name);
  });

  it("gives at most one's own role, and decides about nobody above", () => {
    expect(givenBy(rightsOf("owner"))).toContain("owner");
    expect(givenBy(rightsOf("manager"))).toEqual(["manager", "agent", "viewer"]);
    expect(givenBy(rightsOf("agent"))).toEqual([]);
    expect(addedBy(rightsOf("owner"))).toEqual(["manager", "agent", "viewer"]);
    expect(addedBy(rightsOf("manager"))).toEqual(["agent", "viewer"]);
    expect(mayChange(rightsOf("manager"), "manager")).toBe(false);
    expect(mayChange(rightsOf("manager"), "viewer")).toBe(true);
    expect(mayChange(rightsOf("owner"), "owner")).toBe(true);
    // A visitor changes nothing, whatever role that is like.
    expect(rightsOf("owner", true)).toEqual({ works: false, manages: false, owns: false, visits: true });
  });
});

describe("the shop's data", () => {
  it("can be fetched only where it is whole, and made anew when the server takes another", async () => {
    const anExport = (id: string, state: string) => ({
      id,
      state,
      lines: 1200,
      size: 5_000,
      requested_at: AT,
      requested_by: ME,
      expires_at: AT,
    });
    let items = [anExport("1", "withdrawn"), anExport("2", "failed"), anExport("3", "ready")];
    server.use(
      http.get("*/api/privacy/export", () => HttpResponse.json({ items })),
      http.get("*/api/privacy/deletion", () => HttpResponse.json({ delete_after: null })),
      http.post("*/api/privacy/export/3/link", () => {
        items = [anExport("3", "withdrawn")];
        return HttpResponse.json(aProblem(410, "export_withdrawn"), { status: 410 });
      }),
      http.post("*/api/privacy/export", () =>
        HttpResponse.json(aProblem(429, "too_many_exports_kept"), {
          status: 429,
          headers: { "Retry-After": "85810" },
        }),
      ),
    );
    open("/settings/privacy");
    const [withdrawn, broken, ready] = within(
      await screen.findByRole("list", { name: "Các tệp đã tạo" }),
    ).getAllByRole("listitem");
    expect(withdrawn).toHaveTextContent(/Đã gỡ.*dữ liệu của một khách hàng/);
    for (const gone of [withdrawn, broken]) {
      expect(gone).not.toHaveTextContent("dòng");
      expect(gone?.querySelector("button")).toBeNull();
    }
    expect(ready).toHaveTextContent("1.200 dòng");
    const before = Date.now();
    await user.click(screen.getByRole("button", { name: "Tạo tệp" }));
    const told = await screen.findByRole("alert");
    expect(told).toHaveTextContent(/đủ ba tệp/);
    const moments = [before, Date.now()].map((now) => now + 85_810_000);
    const said = moments.map((at) => `Thử lại được từ ${clock(at)}, ${date(at)}.`);
    expect(said.some((text) => told.textContent?.includes(text))).toBe(true);
    await user.click(screen.getByRole("button", { name: "Tải về" }));
    await waitFor(() => expect(screen.queryByRole("button", { name: "Tải về" })).toBeNull());
  });

  it("is deleted only with the name typed and the password, and taken back", async () => {
    let after: string | null = null;
    server.use(
      http.get("*/api/privacy/export", () => HttpResponse.json({ items: [] })),
      http.get("*/api/privacy/deletion", () => HttpResponse.json({ delete_after: after })),
      http.get("*/api/notices", () => HttpResponse.json({ items: [] })),
      http.post("*/api/privacy/deletion", async () => {
        after = "2026-12-22T08:30:00.000Z";
        return HttpResponse.json({ delete_after: after }, { status: 202 });
      }),
      http.delete("*/api/privacy/deletion", () => {
        after = null;
        return new HttpResponse(null, { status: 204 });
      }),
    );
    open("/settings/privacy");
    await user.click(await screen.findByRole("button", { name: "Xóa cửa hàng…" }));
    const dialog = within(screen.getByRole("dialog"));
    const submit = dialog.getByRole("button", { name: "Xóa sau 30 ngày" });
    await user.type(dialog.getByLabelText("Mật khẩu hiện tại"), "mat-khau-1");
    expect(submit).toBeDisabled();
    await user.type(dialog.getByLabelText(/Gõ tên cửa hàng/), "Shop thử");
    await user.click(submit);
    expect(await screen.findByText(/bị xóa hẳn vào 22\/12\/2026/)).toBeVisible();
    await user.click(screen.getByRole("button", { name: "Rút lại việc xóa" }));
    expect(await screen.findByRole("button", { name: "Xóa cửa hàng…" })).toBeVisible();
  });
});
