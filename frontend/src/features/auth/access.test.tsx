import { render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { HttpResponse, http } from "msw";
import { createMemoryRouter, RouterProvider } from "react-router";
import { beforeEach, describe, expect, it } from "vitest";
import { begin, end } from "@/api/session";
import { GuestOnly } from "@/app/guards";
import { loadWords } from "@/shared/i18n";
import { forgetMailToken, mailToken, takeMailToken } from "@/shared/mailToken";
import { aProblem, aSession, aUser } from "../../../test/builders";
import { server } from "../../../test/server";
import { Component as Invitation } from "./Invitation";
import { Component as Login } from "./Login";
import { Component as Reset } from "./Reset";

const user = userEvent.setup();

function open(address: string) {
  const router = createMemoryRouter(
    [
      { Component: GuestOnly, children: [{ path: "/login", Component: Login }] },
      { path: "/invitation", Component: Invitation },
      { path: "/password-reset", Component: Reset },
      { path: "/inbox", element: <h1>Bên trong</h1> },
      { path: "/admin", element: <h1>Quản trị</h1> },
    ],
    { initialEntries: [address] },
  );
  render(<RouterProvider router={router} />);
  return router;
}

/** As if a mail's link had been followed. */
function follow(address: string): void {
  window.history.replaceState(null, "", address);
  takeMailToken();
}

beforeEach(async () => {
  end(null);
  forgetMailToken();
  window.history.replaceState(null, "", "/");
  await loadWords("access");
});

describe("login with a code", () => {
  const fill = async () => {
    await user.type(screen.getByLabelText("Email"), "quantri@chatdesk.test");
    await user.type(screen.getByLabelText("Mật khẩu"), "mat-khau-quan-tri");
    await user.click(screen.getByRole("button", { name: "Đăng nhập" }));
  };

  it("asks for it once the password is right, and leads admins to the console", async () => {
    const sent: unknown[] = [];
    const admin = aUser({ role: "admin", member_role: null });
    server.use(
      http.post("*/api/auth/login", async ({ request }) => {
        const body: unknown = await request.json();
        sent.push(body);
        return JSON.stringify(body).includes('"code"')
          ? HttpResponse.json(aSession("t", { user: admin }))
          : HttpResponse.json(aProblem(401, "totp_required"), { status: 401 });
      }),
    );
    open("/login");
    expect(screen.queryByLabelText("Mã xác thực")).toBeNull();
    await fill();
    const code = await screen.findByLabelText("Mã xác thực");
    expect(code).toHaveFocus();
    expect(screen.queryByRole("alert")).toBeNull();
    await user.type(code, "123456{Enter}");
    expect(await screen.findByRole("heading", { name: "Quản trị" })).toBeVisible();
    expect(sent.at(-1)).toMatchObject({ email: "quantri@chatdesk.test", code: "123456" });
  });

  it("says beside the field that a code does not work", async () => {
    server.use(
      http.post("*/api/auth/login", async ({ request }) => {
        const isSecond = JSON.stringify(await request.json()).includes('"code"');
        const errors = [{ field: "code", code: "wrong", detail: "" }];
        return isSecond
          ? HttpResponse.json(aProblem(422, "invalid_fields", { errors }), { status: 422 })
          : HttpResponse.json(aProblem(401, "totp_required"), { status: 401 });
      }),
    );
    open("/login");
    await fill();
    await user.type(await screen.findByLabelText("Mã xác thực"), "000000{Enter}");
    await waitFor(() =>
      expect(screen.getByLabelText("Mã xác thực")).toHaveAccessibleDescription(/không đúng hoặc đã dùng/),
    );
  });

  it("sets codes up for a new admin: scan, confirm, keep, and log in with the next", async () => {
    const uri = "otpauth://totp/ChatDesk:quantri?secret=JBSWY3DPEHPK3PXP&issuer=ChatDesk";
    server.use(
      http.post("*/api/auth/login", () =>
        HttpResponse.json(aProblem(403, "totp_setup_required"), { status: 403 }),
      ),
      http.post("*/api/auth/totp/setup", () => HttpResponse.json({ secret: "JBSWY3DPEHPK3PXP", uri })),
      http.put("*/api/auth/totp/setup", () => HttpResponse.json({ recovery_codes: ["abcde-fghjk"] })),
    );
    open("/login");
    await fill();
    expect(await screen.findByRole("img", { name: "Mã QR cho ứng dụng xác thực" })).toBeVisible();
    expect(screen.getByText("JBSW Y3DP EHPK 3PXP")).toBeVisible();
    await user.type(screen.getByLabelText("Mã xác thực"), "123456{Enter}");
    expect(await screen.findByText("abcde-fghjk")).toBeVisible();
    const go = screen.getByRole("button", { name: "Tiếp tục" });
    expect(go).toBeDisabled();
    await user.click(screen.getByLabelText("Tôi đã cất các mã này"));
    await user.click(go);
    expect(await screen.findByRole("status")).toHaveTextContent("mã tiếp theo");
  });
});

describe("a mail's link", () => {
  it("leaves the address at once", () => {
    follow("/invitation#secret-token");
    expect(mailToken()).toBe("secret-token");
    expect(window.location.hash).toBe("");
    forgetMailToken();
    follow("/inbox#elsewhere");
    expect(mailToken()).toBeNull();
  });

  it("asks for a mail, and never says whether the address is known", async () => {
    let sent: unknown;
    server.use(
      http.post("*/api/auth/password-reset", async ({ request }) => {
        sent = await request.json();
        return new HttpResponse(null, { status: 202 });
      }),
    );
    open("/password-reset");
    await user.type(screen.getByLabelText("Email"), "chu@shop.test{Enter}");
    expect(await screen.findByRole("status")).toHaveTextContent("Nếu email này có tài khoản");
    expect(sent).toEqual({ email: "chu@shop.test", language: "vi" });
  });

  it("sets a password; a link that is over leads back to asking", async () => {
    server.use(
      http.post("*/api/auth/password-reset/confirm", () =>
        HttpResponse.json(aProblem(409, "link_invalid"), { status: 409 }),
      ),
    );
    follow("/password-reset#t1");
    open("/password-reset");
    await user.type(screen.getByLabelText("Mật khẩu"), "mat-khau-moi{Enter}");
    expect(await screen.findByRole("alert")).toHaveTextContent("đã hết hạn hoặc đã được dùng");
    expect(screen.getByRole("button", { name: "Gửi liên kết" })).toBeVisible();
  });

  const offer = {
    business_name: "Gốm Lan",
    email: "moi@shop.test",
    member_role: "agent",
    invited_by: "Lan",
    expires_at: "2026-11-30T00:00:00Z",
  };

  it("accepts an invitation for the address it was sent to", async () => {
    let [looked, sent]: unknown[] = [];
    server.use(
      http.post("*/api/invitations/look", async ({ request }) => {
        looked = await request.json();
        return HttpResponse.json(offer);
      }),
      http.post("*/api/invitations/accept", async ({ request }) => {
        sent = await request.json();
        return HttpResponse.json(aSession("t"), { status: 201 });
      }),
    );
    follow("/invitation#t2");
    open("/invitation");
    expect(await screen.findByText(/Lan mời bạn vào Gốm Lan/)).toBeVisible();
    expect(screen.getByLabelText("Email")).toHaveAttribute("readonly");
    await user.type(screen.getByLabelText("Mật khẩu"), "mat-khau-moi{Enter}");
    expect(await screen.findByRole("heading", { name: "Bên trong" })).toBeVisible();
    expect(looked).toEqual({ token: "t2" });
    expect(sent).toEqual({ token: "t2", password: "mat-khau-moi" });
    expect(mailToken()).toBeNull();
  });

  it("asks whoever is logged in to leave first", async () => {
    begin(aSession("t"), Date.now());
    server.use(http.post("*/api/invitations/look", () => HttpResponse.json(offer)));
    follow("/invitation#t3");
    open("/invitation");
    expect(await screen.findByRole("button", { name: "Đăng xuất" })).toBeVisible();
    expect(screen.queryByLabelText("Mật khẩu")).toBeNull();
  });

  it("says that an invitation is over", async () => {
    server.use(
      http.post("*/api/invitations/look", () =>
        HttpResponse.json(aProblem(409, "link_invalid"), { status: 409 }),
      ),
    );
    follow("/invitation#t4");
    open("/invitation");
    expect(await screen.findByRole("alert")).toHaveTextContent("không còn hiệu lực");
  });
});
