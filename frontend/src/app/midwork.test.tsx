import { QueryClientProvider } from "@tanstack/react-query";
import { act, render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { HttpResponse, http } from "msw";
import { createMemoryRouter, RouterProvider } from "react-router";
import { beforeEach, expect, it } from "vitest";
import { makeQueryClient } from "@/api/client";
import type { User } from "@/api/gen/model";
import { begin, end } from "@/api/session";
import { Component as Settings } from "@/features/settings/Page";
import { loadWords } from "@/shared/i18n";
import { aProblem, aSession, aUser } from "../../test/builders";
import { server } from "../../test/server";
import { GuestOnly, SessionOnly } from "./guards";

const user = userEvent.setup();
const refused = () => HttpResponse.json(aProblem(401, "unauthenticated"), { status: 401 });

function open() {
  const router = createMemoryRouter(
    [
      { Component: SessionOnly, children: [{ path: "/settings/*", Component: Settings }] },
      { Component: GuestOnly, children: [{ path: "/login", element: <h1>Đăng nhập</h1> }] },
    ],
    { initialEntries: ["/settings/team"] },
  );
  render(
    <QueryClientProvider client={makeQueryClient()}>
      <RouterProvider router={router} />
    </QueryClientProvider>,
  );
  return router;
}

/** A server that takes the first token until `over`, and any other one from then on. */
function serve(renewed: Partial<User> | null) {
  const state = { isOver: false, refreshes: 0 };
  const list = ({ request }: { request: Request }) =>
    state.isOver && request.headers.get("authorization") === "Bearer first"
      ? refused()
      : HttpResponse.json({ items: [] });
  server.use(
    http.get("*/api/members", list),
    http.get("*/api/team/invitations", list),
    http.post("*/api/team/invitations", refused),
    http.post("*/api/auth/refresh", () => {
      state.refreshes += 1;
      return renewed === null ? refused() : HttpResponse.json(aSession("next", { user: aUser(renewed) }));
    }),
  );
  return state;
}

beforeEach(async () => {
  end(null);
  await loadWords("settings", "security", "audit", "access");
  begin(aSession("first"), Date.now());
});

it("goes on with another role without a word, and the menus follow it", async () => {
  const served = serve({ member_role: "agent" });
  served.isOver = true;
  const router = open();
  const sections = within(await screen.findByRole("navigation", { name: "Các phần cài đặt" }));
  expect(sections.getByRole("link", { name: "Dữ liệu" })).toBeVisible();
  expect(await screen.findByText("Chỉ chủ cửa hàng và quản lý sửa được phần này.")).toBeVisible();
  for (const name of ["Dữ liệu", "Nhật ký"]) expect(sections.queryByRole("link", { name })).toBeNull();
  expect(screen.queryByRole("button", { name: "Mời nhân viên" })).toBeNull();
  expect(served.refreshes).toBe(1);
  expect(router.state.location.pathname).toBe("/settings/team");
});

it("leads to the login when the session is over, and back to what was typed", async () => {
  const served = serve(null);
  const router = open();
  await user.click(await screen.findByRole("button", { name: "Mời nhân viên" }));
  const dialog = () => within(screen.getByRole("dialog"));
  await user.type(dialog().getByLabelText("Email"), "moi@shop.test");
  served.isOver = true;
  await user.click(dialog().getByRole("button", { name: "Gửi lời mời" }));
  expect(await screen.findByRole("heading", { name: "Đăng nhập" })).toBeVisible();
  expect(router.state.location.search).toBe("?next=%2Fsettings%2Fteam");
  act(() => void begin(aSession("second"), Date.now()));
  await user.click(await screen.findByRole("button", { name: "Mời nhân viên" }));
  expect(dialog().getByLabelText("Email")).toHaveValue("moi@shop.test");
  expect(served.refreshes).toBe(1);
});
