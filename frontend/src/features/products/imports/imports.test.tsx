import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { act, render, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { HttpResponse, http } from "msw";
import { createMemoryRouter, RouterProvider } from "react-router";
import { beforeEach, expect, it } from "vitest";
import type { Import, ListImportRowItemsItem as ImportRow } from "@/api/gen/model";
import { useSession } from "@/api/session";
import { loadWords } from "@/shared/i18n";
import { server } from "../../../../test/server";
import { liveProducts } from "../queries";
import { fileProblem, nameHeader } from "./file";
import { Component as Page } from "./Page";
import { further } from "./queries";
import { template } from "./template";
import { failureText, fieldText, rowErrorText } from "./words";

const at = "2026-11-22T00:00:00Z";
const done: Import = {
  id: "i1",
  file_name: "hang.csv",
  format: "csv",
  size: 12,
  dry_run: true,
  update: "sku",
  state: "done",
  failure: null,
  columns: [{ header: "Tên", field: "name" }],
  rows_total: 3,
  rows_done: 3,
  added: 2,
  updated: 0,
  unchanged: 0,
  refused: 1,
  started_by: "u1",
  created_at: at,
  finished_at: at,
};
const refused: ImportRow = {
  line: 3,
  outcome: "refused",
  product_id: null,
  name: "Mũ",
  errors: [{ field: "price", code: "malformed", detail: "is not a price", line: 3 }],
};

beforeEach(async () => {
  await loadWords("products", "imports");
});

function show(address = "/products/import") {
  useSession.setState({
    phase: "in",
    user: {
      id: "u1",
      email: "lan@shop.example",
      name: "Lan",
      role: "business",
      member_role: "owner",
      time_zone: "Asia/Ho_Chi_Minh",
      has_totp: false,
      is_visitor: false,
      created_at: at,
      updated_at: at,
    },
  });
  const router = createMemoryRouter([{ path: "/products/import", Component: Page }], {
    initialEntries: [address],
  });
  const client = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  render(
    <QueryClientProvider client={client}>
      <RouterProvider router={router} />
    </QueryClientProvider>,
  );
  return { client, router, user: userEvent.setup() };
}

/** A server on which every file is over as soon as it is there. */
function serve(found: (dryRun: boolean) => Import) {
  const asked: { search: string; name: string | null; body: string }[] = [];
  let last = found(true);
  server.use(
    http.post("/api/products/imports", async ({ request }) => {
      const { search, searchParams } = new URL(request.url);
      asked.push({ search, name: request.headers.get("x-file-name"), body: await request.text() });
      last = found(searchParams.get("dry_run") === "true");
      return HttpResponse.json(last, { status: 202 });
    }),
    http.get("/api/products/imports", () => HttpResponse.json({ items: [last], next_cursor: null })),
    http.get("/api/products/imports/:id", () => HttpResponse.json(last)),
    http.get("/api/products/imports/:id/rows", () =>
      HttpResponse.json({ items: [refused], next_cursor: null }),
    ),
    http.get("/api/members", () => HttpResponse.json({ items: [{ id: "u1", name: "Lan" }] })),
  );
  return asked;
}

const file = (name = "hàng.csv", text = "Tên,Giá\nÁo,1") => new File([text], name, { type: "text/csv" });

it("looks at a file first, tells what is wrong, and takes over what was looked at", async () => {
  const asked = serve((dryRun) => ({ ...done, id: dryRun ? "i1" : "i2", dry_run: dryRun }));
  const { user, router } = show();
  await user.upload(screen.getByLabelText("Chọn tệp sản phẩm", { selector: "input" }), file());
  await screen.findByRole("heading", { name: "Kết quả kiểm tra, chưa lưu gì" });
  expect(asked).toEqual([
    { search: "?dry_run=true&update=sku", name: encodeURIComponent("hàng.csv"), body: "Tên,Giá\nÁo,1" },
  ]);
  expect(router.state.location.search).toBe("?id=i1");
  expect(await screen.findByText(/Chưa hiểu giá này/)).toBeVisible();
  expect(screen.getByText("1 sản phẩm có lỗi sẽ được bỏ qua.")).toBeVisible();
  await user.click(screen.getByRole("button", { name: "Nhập 2 sản phẩm" }));
  await screen.findByRole("heading", { name: "Đã nhập xong" });
  expect(asked.at(-1)).toEqual({ ...asked[0], search: "?dry_run=false&update=sku" });
  expect(screen.getByRole("link", { name: "Xem sản phẩm" })).toBeVisible();
});

it("looks again when something else names a product", async () => {
  const asked = serve(() => done);
  const { user } = show();
  await user.upload(screen.getByLabelText("Chọn tệp sản phẩm", { selector: "input" }), file());
  await screen.findByRole("button", { name: "Nhập 2 sản phẩm" });
  await user.selectOptions(
    screen.getByLabelText("Sản phẩm đã có trong cửa hàng"),
    "Không cập nhật, chỉ thêm mới",
  );
  await waitFor(() =>
    expect(asked.map(({ search }) => search)).toEqual(["?dry_run=true&update=sku", "?dry_run=true"]),
  );
});

it("does not offer to take over a file that is no longer here", async () => {
  serve(() => done);
  show("/products/import?id=i1");
  expect(await screen.findByText(/hãy chọn lại tệp/)).toBeVisible();
  expect(screen.queryByRole("button", { name: /^Nhập \d/ })).toBeNull();
});

it("says why a file cannot be taken over at all", async () => {
  serve(() => ({ ...done, state: "failed", failure: "no_name_column", columns: [], added: 0, refused: 0 }));
  show("/products/import?id=i1");
  expect(await screen.findByRole("alert")).toHaveTextContent(/Không tìm thấy cột tên sản phẩm/);
});

it("follows what the socket tells, and can be stopped", async () => {
  const running: Import = { ...done, dry_run: false, state: "running", rows_total: 1000, rows_done: 100 };
  let cancelled = false;
  server.use(
    http.get("/api/products/imports", () => HttpResponse.json({ items: [running], next_cursor: null })),
    http.get("/api/products/imports/i1", () =>
      HttpResponse.json(cancelled ? { ...running, state: "cancelled" } : running),
    ),
    http.get("/api/products/imports/i1/rows", () => HttpResponse.json({ items: [], next_cursor: null })),
    http.get("/api/members", () => HttpResponse.json({ items: [] })),
    http.delete("/api/products/imports/i1", () => {
      cancelled = true;
      return new HttpResponse(null, { status: 204 });
    }),
  );
  const { client, user } = show("/products/import?id=i1");
  expect(await screen.findByText("100 / 1.000 dòng")).toBeVisible();
  act(() =>
    liveProducts.apply(client, [
      {
        isReplay: false,
        event: { type: "products.changed", data: { import: { ...running, rows_done: 600 } } },
      },
    ]),
  );
  expect(await screen.findByText("600 / 1.000 dòng")).toBeVisible();
  await user.click(screen.getByRole("button", { name: "Dừng lại" }));
  await screen.findByRole("heading", { name: "Đã dừng nhập" });
});

it("says why another file has to wait, and lets it be tried again", async () => {
  serve(() => done);
  server.use(
    http.post("/api/products/imports", () =>
      HttpResponse.json({ status: 409, code: "import_running" }, { status: 409 }),
    ),
  );
  const { user } = show();
  await user.upload(screen.getByLabelText("Chọn tệp sản phẩm", { selector: "input" }), file());
  expect(await screen.findByRole("alert")).toHaveTextContent(/một tệp khác/);
  expect(screen.getByRole("button", { name: "Thử lại" })).toBeVisible();
  const last = within(screen.getByRole("region", { name: "Các lần nhập gần đây" }));
  expect(last.getByRole("link", { name: "hang.csv" })).toBeVisible();
});

it("refuses at once what the server would not take", () => {
  const problem = (name: string, size = 10) => fileProblem({ name, size });
  expect(problem("a.csv")).toBeNull();
  expect(problem("A.XLSX")).toBeNull();
  expect(problem("a.xls")).toBe("oldExcel");
  expect(problem("a.pdf")).toBe("kind");
  expect(problem("a.csv", 0)).toBe("empty");
  expect(problem("a.csv", 21 * 1024 * 1024)).toBe("tooLarge");
  expect(nameHeader("đ".repeat(200))).toBe(encodeURIComponent("đ".repeat(127)));
});

it("never goes back in what it shows of a file", () => {
  const running: Import = { ...done, state: "running", rows_done: 2 };
  expect(further(running, done)).toBe(done);
  expect(further({ ...running, rows_done: 1 }, running)).toBe(running);
});

it("has words for a place in a product as for the product", () => {
  expect(fieldText("variants[3].price")).toBe("Giá phiên bản");
  expect(fieldText("image_urls[2]")).toBe("Ảnh");
  expect(rowErrorText({ field: "variants[3].name", code: "duplicate" })).toBe("Hai phiên bản trùng tên.");
  expect(rowErrorText({ field: "description", code: "too_long" })).toBe("Nội dung quá dài.");
  expect(rowErrorText({ field: "x", code: "brand_new" })).toBe("Chưa nhận được giá trị này (brand_new).");
  expect(failureText("brand_new")).toBe(failureText("internal"));
});

it("gives a template that spreadsheets read as it is", async () => {
  const bytes = new Uint8Array(await template().arrayBuffer());
  expect([...bytes.slice(0, 3)]).toEqual([0xef, 0xbb, 0xbf]);
  const lines = new TextDecoder().decode(bytes).trim().split("\r\n");
  expect(lines).toHaveLength(4);
  expect(lines[1]).toContain('"Cotton 100%, form rộng"');
});
