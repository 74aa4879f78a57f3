import { render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { HttpResponse, http } from "msw";
import { createMemoryRouter, RouterProvider } from "react-router";
import { beforeEach, describe, expect, it } from "vitest";
import { followTabs } from "@/api/renew";
import { end, useSession } from "@/api/session";
import { GuestOnly, SessionOnly } from "@/app/guards";
import { aProblem, aSession } from "../../../test/builders";
import { server } from "../../../test/server";
import { Component as Login } from "./Login";
import { Component as Register } from "./Register";

function open(address: string) {
  const router = createMemoryRouter(
    [
      {
        Component: GuestOnly,
        children: [
          { path: "/login", Component: Login },
          { path: "/register", Component: Register },
        ],
      },
      { Component: SessionOnly, children: [{ path: "*", element: <h1>Bên trong</h1> }] },
    ],
    { initialEntries: [address] },
  );
  render(<RouterProvider router={router} />);
  return router;
}

const user = userEvent.setup();
const answer = (status: number, body: object, headers: Record<string, string> = {}) =>
  HttpResponse.json(body, { status, headers });
const submitLogin = () => user.click(screen.getByRole("button", { name: "Đăng nhập" }));

async function fillLogin() {
  await user.type(screen.getByLabelText("Email"), "chu@shop.test");
  await user.type(screen.getByLabelText("Mật khẩu"), "mat-khau-1");
}

beforeEach(() => end(null));

describe("login", () => {
  it("goes back to where one wanted to go", async () => {
    let sent: unknown;
    server.use(
      http.post("*/api/auth/login", async ({ request }) => {
        sent = await request.json();
        return answer(200, aSession("t"));
      }),
    );
    const router = open("/inbox/7?q=ao");
    expect(await screen.findByRole("heading", { name: "Đăng nhập" })).toBeVisible();
    await fillLogin();
    await submitLogin();
    expect(await screen.findByRole("heading", { name: "Bên trong" })).toBeVisible();
    expect(sent).toEqual({ email: "chu@shop.test", password: "mat-khau-1" });
    expect(router.state.location).toMatchObject({ pathname: "/inbox/7", search: "?q=ao" });
  });

  it("names what is missing beside its field and moves there", async () => {
    open("/login");
    await submitLogin();
    const email = screen.getByLabelText("Email");
    expect(email).toHaveAccessibleDescription("Nhập email của bạn.");
    expect(email).toBeInvalid();
    expect(email).toHaveFocus();
    expect(screen.getByLabelText("Mật khẩu")).toHaveAccessibleDescription("Nhập mật khẩu.");
  });

  it.each([
    [401, "unauthenticated", "Email hoặc mật khẩu không đúng."],
    [503, "unavailable", /tạm gián đoạn/],
    [500, "internal", /req-1/],
  ])("%i is said, and what was typed stays", async (status, code, words) => {
    server.use(http.post("*/api/auth/login", () => answer(status, aProblem(status, code))));
    open("/login");
    await fillLogin();
    await submitLogin();
    expect(await screen.findByRole("alert")).toHaveTextContent(words);
    expect(screen.getByLabelText("Email")).toHaveValue("chu@shop.test");
    expect(screen.getByLabelText("Mật khẩu")).toHaveValue("mat-khau-1");
  });

  it("says when there is no server", async () => {
    server.use(http.post("*/api/auth/login", () => HttpResponse.error()));
    open("/login");
    await fillLogin();
    await submitLogin();
    expect(await screen.findByRole("alert")).toHaveTextContent("Không kết nối được với máy chủ");
  });

  it("waits as long as the server wants", async () => {
    const problem = aProblem(429, "too_many_requests");
    server.use(http.post("*/api/auth/login", () => answer(429, problem, { "Retry-After": "2" })));
    open("/login");
    await fillLogin();
    await submitLogin();
    expect(await screen.findByRole("alert")).toHaveTextContent("sau 2 giây");
    expect(screen.getByRole("button", { name: "Đăng nhập" })).toBeDisabled();
    await waitFor(() => expect(screen.getByRole("button", { name: "Đăng nhập" })).toBeEnabled(), {
      timeout: 4_000,
    });
    expect(screen.queryByRole("alert")).toBeNull();
  });

  it("says that the session has ended, and that one has left", async () => {
    end("ended");
    open("/login");
    expect(screen.getByRole("status")).toHaveTextContent("hết hạn");
    end("left");
    await waitFor(() => expect(screen.getByRole("status")).toHaveTextContent("đã đăng xuất"));
  });

  it("follows another tab in and out", async () => {
    const stop = followTabs();
    const tab = new BroadcastChannel("cd.session");
    open("/login?next=/products");
    tab.postMessage({ kind: "nonsense" });
    tab.postMessage({ kind: "began", session: { access_token: 7 } });
    tab.postMessage({ kind: "began", session: aSession("t") });
    expect(await screen.findByRole("heading", { name: "Bên trong" })).toBeVisible();
    tab.postMessage({ kind: "ended" });
    expect(await screen.findByRole("heading", { name: "Đăng nhập" })).toBeVisible();
    expect(useSession.getState().user).toBeNull();
    tab.close();
    stop();
  });

  it("shows the password on demand", async () => {
    open("/login");
    const password = screen.getByLabelText("Mật khẩu");
    expect(password).toHaveAttribute("type", "password");
    await user.click(screen.getByRole("button", { name: "Hiện mật khẩu" }));
    expect(password).toHaveAttribute("type", "text");
  });
});

describe("register", () => {
  const fill = async () => {
    await user.type(screen.getByLabelText("Tên cửa hàng"), "Shop Áo Đẹp");
    await user.type(screen.getByLabelText("Email"), "moi@shop.test");
    await user.type(screen.getByLabelText("Mật khẩu"), "mat-khau-1");
  };
  const submit = () => user.click(screen.getByRole("button", { name: "Tạo tài khoản" }));

  it("sends only what was filled in, and is in", async () => {
    let sent: unknown;
    server.use(
      http.post("*/api/auth/register", async ({ request }) => {
        sent = await request.json();
        return answer(201, aSession("t"));
      }),
    );
    open("/register");
    await fill();
    await submit();
    expect(await screen.findByRole("heading", { name: "Bên trong" })).toBeVisible();
    expect(sent).toEqual({ business_name: "Shop Áo Đẹp", email: "moi@shop.test", password: "mat-khau-1" });
  });

  it("says beside the field that the e-mail is in use", async () => {
    server.use(http.post("*/api/auth/register", () => answer(409, aProblem(409, "email_taken"))));
    open("/register");
    await fill();
    await submit();
    await waitFor(() =>
      expect(screen.getByLabelText("Email")).toHaveAccessibleDescription("Email này đã có tài khoản."),
    );
    expect(screen.getByLabelText("Tên cửa hàng")).toHaveValue("Shop Áo Đẹp");
  });

  it("shows what the server refuses beside the fields", async () => {
    const errors = [
      { field: "phone", code: "too_long", detail: "" },
      { field: "password", code: "nobody_knows", detail: "" },
    ];
    server.use(
      http.post("*/api/auth/register", () => answer(422, aProblem(422, "invalid_fields", { errors }))),
    );
    open("/register");
    await fill();
    await submit();
    await waitFor(() =>
      expect(screen.getByLabelText(/Số điện thoại/)).toHaveAccessibleDescription("Nội dung quá dài."),
    );
    expect(screen.getByLabelText("Mật khẩu")).toHaveAccessibleDescription(/Thông tin này chưa đúng/);
    expect(screen.getByLabelText("Mật khẩu")).toHaveFocus();
  });

  it("catches slips before asking", async () => {
    open("/register");
    await user.type(screen.getByLabelText("Email"), "chu@shop");
    await user.type(screen.getByLabelText("Mật khẩu"), "ngan");
    await submit();
    expect(screen.getByLabelText("Tên cửa hàng")).toHaveFocus();
    expect(screen.getByLabelText("Email")).toHaveAccessibleDescription(/Email chưa đúng/);
    expect(screen.getByLabelText("Mật khẩu")).toHaveAccessibleDescription(/ít nhất 8 ký tự/);
  });
});
