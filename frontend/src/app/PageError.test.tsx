import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { createMemoryRouter } from "react-router";
import { RouterProvider } from "react-router/dom";
import { expect, it } from "vitest";
import { ApiError } from "@/api/error";
import { PageError } from "./PageError";

it("offers another try where a page could not be loaded, without leaving the app", async () => {
  let isDown = true;
  const load = async () => {
    if (isDown) throw new ApiError({ status: 0, code: "network" });
    return { Component: () => <h1>Sản phẩm</h1> };
  };
  const router = createMemoryRouter(
    [
      { path: "/", element: <h1>Hộp thư</h1> },
      { path: "/products", ErrorBoundary: PageError, lazy: load },
    ],
    { initialEntries: ["/"] },
  );
  render(<RouterProvider router={router} />);
  await router.navigate("/products?q=áo");
  const again = await screen.findByRole("button", { name: "Thử lại" });
  await userEvent.click(again);
  expect(await screen.findByRole("button", { name: "Thử lại" })).toBeVisible();
  isDown = false;
  await userEvent.click(screen.getByRole("button", { name: "Thử lại" }));
  expect(await screen.findByRole("heading", { name: "Sản phẩm" })).toBeVisible();
  expect(router.state.location.search).toContain("q=");
});
