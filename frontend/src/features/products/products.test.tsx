import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { act, cleanup, render, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { HttpResponse, http } from "msw";
import { createMemoryRouter, RouterProvider } from "react-router";
import { beforeEach, expect, it } from "vitest";
import type { MemberRole, Product } from "@/api/gen/model";
import { end, useSession } from "@/api/session";
import { loadWords } from "@/shared/i18n";
import { Toasts } from "@/shared/ui/toast";
import { server } from "../../../test/server";
import { Component as EditPage } from "./EditPage";
import { Component as Page } from "./Page";

const shirt: Product = {
  id: "p1",
  name: "Áo thun",
  description: "Cotton",
  price: "129000",
  currency: "VND",
  status: "available",
  extra_info: { size: ["S", "M"] },
  image_url: null,
  image_urls: [],
  variants: [],
  embedding_status: "ready",
  created_at: "2026-11-22T00:00:00Z",
  updated_at: "2026-11-22T00:00:00Z",
};

beforeEach(async () => {
  await loadWords("products");
  server.use(
    http.get("/api/products/categories", () => HttpResponse.json({ items: [{ name: "Áo", products: 3 }] })),
  );
});

function show(address: string, member_role: MemberRole = "agent") {
  useSession.setState({
    phase: "in",
    user: {
      id: "u1",
      email: "lan@shop.example",
      name: "Lan",
      role: "business",
      member_role,
      time_zone: "Asia/Ho_Chi_Minh",
      has_totp: false,
      is_visitor: false,
      created_at: shirt.created_at,
      updated_at: shirt.created_at,
    },
  });
  const router = createMemoryRouter(
    [
      { path: "/products", Component: Page },
      { path: "/products/new", Component: EditPage },
      { path: "/products/:id", Component: EditPage },
    ],
    { initialEntries: [address] },
  );
  render(
    <QueryClientProvider client={new QueryClient({ defaultOptions: { queries: { retry: false } } })}>
      <RouterProvider router={router} />
      <Toasts />
    </QueryClientProvider>,
  );
  return { router, user: userEvent.setup() };
}

it("brings a deleted product back", async () => {
  const asked: string[] = [];
  let items = [shirt];
  server.use(
    http.get("/api/products", () => HttpResponse.json({ items, next_cursor: null })),
    http.delete("/api/products/p1", () => {
      asked.push("delete");
      items = [];
      return new HttpResponse(null, { status: 204 });
    }),
    http.post("/api/products/p1/restore", () => {
      asked.push("restore");
      items = [shirt];
      return HttpResponse.json(shirt);
    }),
  );
  const { user } = show("/products");
  await user.click(await screen.findByRole("button", { name: "Thao tác với Áo thun" }));
  await user.click(screen.getByRole("menuitem", { name: "Xóa" }));
  await screen.findByText("Chưa có sản phẩm nào");
  await user.click(await screen.findByRole("button", { name: "Hoàn tác" }));
  await screen.findByRole("link", { name: "Áo thun" });
  expect(asked).toEqual(["delete", "restore"]);
});

it("says beside the field what the server refused, and keeps what was typed", async () => {
  const sent: unknown[] = [];
  server.use(
    http.post("/api/products", async ({ request }) => {
      sent.push(await request.json());
      const errors = [{ field: "price", code: "out_of_range", detail: "is too large" }];
      return HttpResponse.json({ status: 422, code: "invalid_fields", errors }, { status: 422 });
    }),
  );
  const { user } = show("/products/new");
  await user.type(screen.getByLabelText("Tên sản phẩm"), "Mũ len");
  await user.type(screen.getByLabelText("Giá bán"), "1tr2");
  await user.click(screen.getByRole("button", { name: "Thêm sản phẩm" }));
  const price = screen.getByLabelText("Giá bán");
  await waitFor(() => expect(price).toHaveAccessibleDescription(/Giá này quá lớn/));
  expect(price).toHaveValue("1tr2");
  expect(price).toHaveFocus();
  expect(sent).toEqual([expect.objectContaining({ name: "Mũ len", price: "1200000", currency: "VND" })]);
});

it("asks before what was typed gets lost", async () => {
  server.use(http.get("/api/products/p1", () => HttpResponse.json(shirt)));
  const { user, router } = show("/products/p1");
  await user.type(await screen.findByLabelText("Tên sản phẩm"), " đỏ");
  await user.click(screen.getByRole("link", { name: "Về danh sách" }));
  const question = await screen.findByRole("dialog", { name: "Bỏ thay đổi chưa lưu?" });
  await user.click(within(question).getByRole("button", { name: "Ở lại" }));
  expect(router.state.location.pathname).toBe("/products/p1");
  expect(screen.getByLabelText("Tên sản phẩm")).toHaveValue("Áo thun đỏ");
});

it("offers a viewer nothing that the server would refuse", async () => {
  server.use(http.get("/api/products", () => HttpResponse.json({ items: [shirt], next_cursor: null })));
  show("/products", "viewer");
  await screen.findByRole("link", { name: "Áo thun" });
  expect(screen.queryByRole("switch")).toBeNull();
  expect(screen.queryByRole("button", { name: /Thao tác/ })).toBeNull();
  expect(screen.queryByRole("link", { name: /Thêm sản phẩm/ })).toBeNull();
  expect(screen.getByText("Tài khoản chỉ xem không sửa được sản phẩm.")).toBeVisible();
});

it("asks with the same key again after an answer that was lost, and with another for another product", async () => {
  const keys: (string | null)[] = [];
  server.use(
    http.post("/api/products", ({ request }) => {
      keys.push(request.headers.get("idempotency-key"));
      return HttpResponse.json({ status: 503, code: "unavailable" }, { status: 503 });
    }),
  );
  const { user } = show("/products/new");
  const save = () => user.click(screen.getByRole("button", { name: "Thêm sản phẩm" }));
  await user.type(screen.getByLabelText("Tên sản phẩm"), "Mũ");
  await user.type(screen.getByLabelText("Giá bán"), "150k");
  for (const count of [1, 2]) {
    await save();
    await waitFor(() => expect(keys).toHaveLength(count));
    await screen.findByRole("alert");
  }
  await user.type(screen.getByLabelText("Tên sản phẩm"), " len");
  await save();
  await waitFor(() => expect(keys).toHaveLength(3));
  expect(keys[0]).not.toBeNull();
  expect(keys[1]).toBe(keys[0]);
  expect(keys[2]).not.toBe(keys[0]);
});

it("brings a half-written product back after the session ended by itself", async () => {
  const { user } = show("/products/new");
  await user.type(screen.getByLabelText("Tên sản phẩm"), "Mũ len");
  await user.type(screen.getByLabelText("Tên của dòng 1"), "Màu");
  await user.type(screen.getByLabelText("Giá trị của dòng 1"), "Đỏ");
  act(() => end("ended"));
  cleanup();
  show("/products/new");
  expect(screen.getByLabelText("Tên sản phẩm")).toHaveValue("Mũ len");
  expect(screen.getByLabelText("Tên của dòng 1")).toHaveValue("Màu");
  expect(screen.getByLabelText("Giá trị của dòng 1")).toHaveValue("Đỏ");
});

it("gives the focus to the neighbour of a row that goes", async () => {
  const info = { Màu: "Đỏ", Size: "M", Chất: "Len" };
  server.use(http.get("/api/products/p1", () => HttpResponse.json({ ...shirt, extra_info: info })));
  const { user } = show("/products/p1");
  await user.click(await screen.findByRole("button", { name: "Xóa dòng 2" }));
  expect(screen.getByDisplayValue("Chất")).toHaveFocus();
  await user.click(screen.getByRole("button", { name: "Xóa dòng 2" }));
  expect(screen.getByDisplayValue("Màu")).toHaveFocus();
  await user.click(screen.getByRole("button", { name: "Xóa dòng 1" }));
  expect(screen.getByLabelText("Tên của dòng 1")).toHaveFocus();
  expect(screen.getByLabelText("Tên của dòng 1")).toHaveValue("");
});

it("makes all forms of a product at once, and sends them", async () => {
  const sent: unknown[] = [];
  server.use(
    http.post("/api/products", async ({ request }) => {
      sent.push(await request.json());
      const errors = [{ field: "variants[1].sku", code: "duplicate", detail: "is there" }];
      return HttpResponse.json({ status: 422, code: "invalid_fields", errors }, { status: 422 });
    }),
  );
  const { user } = show("/products/new");
  await user.type(screen.getByLabelText("Tên sản phẩm"), "Áo thun");
  await user.type(screen.getByLabelText("Giá bán"), "150k");
  await user.click(screen.getByRole("button", { name: "Thêm phân loại" }));
  await user.type(screen.getByLabelText("Tên phân loại 1"), "Màu");
  await user.type(screen.getByLabelText("Các giá trị của phân loại 1"), "Đen, Trắng");
  await user.click(screen.getByRole("button", { name: "Tạo các phiên bản" }));
  await user.type(screen.getByLabelText("Tồn kho của phiên bản 1"), "12");
  await user.type(screen.getByLabelText("Giá riêng của phiên bản 2"), "một trăm");
  await user.click(screen.getByRole("button", { name: "Thêm sản phẩm" }));
  const price = screen.getByLabelText("Giá riêng của phiên bản 2");
  expect(price).toHaveAccessibleDescription("Chưa hiểu giá này. Gõ như 150k.");
  await waitFor(() => expect(price).toHaveFocus());
  expect(sent).toEqual([]);
  await user.clear(price);
  await user.type(price, "160k");
  await user.click(screen.getByRole("button", { name: "Thêm sản phẩm" }));
  const sku = screen.getByLabelText("Mã SKU của phiên bản 2");
  await waitFor(() => expect(sku).toHaveAccessibleDescription("Bị lặp lại."));
  expect(sent).toEqual([
    expect.objectContaining({
      variants: [
        { name: "Đen", sku: "", price: null, stock: 12, attributes: { Màu: "Đen" } },
        { name: "Trắng", sku: "", price: "160000", stock: null, attributes: { Màu: "Trắng" } },
      ],
    }),
  ]);
});

it("says beside the code that another product has it", async () => {
  server.use(
    http.get("/api/products/p1", () => HttpResponse.json(shirt)),
    http.put("/api/products/p1", () =>
      HttpResponse.json({ status: 409, code: "sku_taken" }, { status: 409 }),
    ),
  );
  const { user } = show("/products/p1");
  const sku = await screen.findByLabelText("Mã SKU");
  await user.type(sku, "AT01");
  await user.click(screen.getByRole("button", { name: "Lưu" }));
  await waitFor(() => expect(sku).toHaveAccessibleDescription(/đã dùng cho sản phẩm khác/));
  expect(sku).toHaveFocus();
});

it("marks what is sold out by its counts, and asks for few and for a category", async () => {
  const asked: string[] = [];
  const gone: Product = { ...shirt, status: "out_of_stock", stock: 0, category: "Áo" };
  server.use(
    http.get("/api/products", ({ request }) => {
      asked.push(new URL(request.url).search);
      return HttpResponse.json({ items: [gone], next_cursor: null });
    }),
  );
  const { user } = show("/products");
  const row = within(await screen.findByRole("listitem"));
  expect(row.getByText("Hết hàng")).toBeVisible();
  expect(row.getByText("Còn 0")).toBeVisible();
  expect(row.queryByRole("switch")).toBeNull();
  await user.selectOptions(await screen.findByLabelText("Lọc theo danh mục"), "Áo");
  await user.selectOptions(screen.getByLabelText("Lọc theo tồn kho"), "Còn tối đa 5");
  await waitFor(() => expect(asked.at(-1)).toMatch(/category=.+low_stock=5/));
});

it("shows what a product cost before once somebody asks", async () => {
  const change = {
    id: "c1",
    variant: "Đỏ / M",
    old_price: null,
    price: "150000",
    currency: "VND",
    old_currency: "VND",
    changed_at: shirt.created_at,
    changed_by: "u1",
    source: "import",
  };
  server.use(
    http.get("/api/products/p1", () => HttpResponse.json(shirt)),
    http.get("/api/products/p1/prices", () => HttpResponse.json({ items: [change], next_cursor: null })),
    http.get("/api/members", () => HttpResponse.json({ items: [{ id: "u1", name: "Hoa" }] })),
  );
  const { user } = show("/products/p1");
  await user.click(await screen.findByText("Lịch sử giá"));
  const line = within(await screen.findByRole("list", { name: "Lịch sử giá" })).getByRole("listitem");
  expect(line).toHaveTextContent(/Đỏ \/ M.*giá của sản phẩm.*150\.000/);
  await waitFor(() => expect(line).toHaveTextContent(/Hoa · nhập từ tệp/));
});
