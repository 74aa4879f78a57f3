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
import { Toasts } from "@/shared/ui/toast";
import { aProblem, aSession, aUser } from "../../../test/builders";
import { server } from "../../../test/server";
import { Component as Settings } from "./Page";
import { givenBy, mayChange } from "./roles";

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
    expect(screen.getByLabelText("Mật khẩu ban đầu")).toBeVisible();
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
    expect(mayChange(rightsOf("manager"), "manager")).toBe(false);
    expect(mayChange(rightsOf("manager"), "viewer")).toBe(true);
    expect(mayChange(rightsOf("owner"), "owner")).toBe(true);
    // A visitor changes nothing, whatever role that is like.
    expect(rightsOf("owner", true)).toEqual({ works: false, manages: false, owns: false, visits: true });
  });
});

describe("the shop's data", () => {
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
