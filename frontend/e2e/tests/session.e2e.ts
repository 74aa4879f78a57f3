import type { Page } from "@playwright/test";
import { Inbox } from "../kit/inbox.ts";
import { retryUntil } from "../kit/look.ts";
import { newCustomer, type Person } from "../kit/shop.ts";
import { expect, test } from "../kit/test.ts";
import { vi } from "../kit/words.ts";

async function logIn(page: Page, { email, password }: Person): Promise<void> {
  await page.getByLabel(vi("auth:field.email")).fill(email);
  await page.getByLabel(vi("auth:field.password"), { exact: true }).fill(password);
  await page.getByRole("button", { name: vi("auth:login.submit") }).click();
}

async function fromAccountMenu(page: Page, entry: string): Promise<void> {
  await page.getByRole("button", { name: new RegExp(`^${vi("common:account.menu")}`) }).click();
  await page.getByRole("menuitem", { name: entry, exact: true }).click();
}

test("tabs share one session, also its end", async ({ open, shop }) => {
  const first = await open(null, "/products");
  await expect(first).toHaveURL(/\/login\?/);
  const second = await first.context().newPage();
  await second.goto("/dashboard");
  await first.getByLabel(vi("auth:field.email")).fill(shop.owner.email);
  await first.getByLabel(vi("auth:field.password"), { exact: true }).fill("khong phai mat khau");
  await first.getByRole("button", { name: vi("auth:login.submit") }).click();
  await expect(first.getByText(vi("auth:login.wrong"))).toBeVisible();
  await expect(first.getByLabel(vi("auth:field.email"))).toHaveValue(shop.owner.email);

  await logIn(first, shop.owner);
  await expect(first).toHaveURL(/\/products$/);
  await expect(second).toHaveURL(/\/dashboard$/);
  await fromAccountMenu(first, vi("common:account.logout"));
  // Who leaves is done: nobody is led back to where they were.
  await expect(first).toHaveURL(/\/login$/);
  await expect(second).toHaveURL(/\/login$/);
  await first.reload();
  await expect(first.getByRole("heading", { name: vi("auth:login.title") })).toBeVisible();
});

test("logging out everywhere ends other browsers, and they come back to where they were", async ({
  open,
  shop,
}) => {
  await shop.withoutAssistant();
  const page = await shop.connect();
  const { id } = await shop.hears(page, newCustomer(), "Shop mở cửa mấy giờ?");
  const here = await open(shop.owner, "/products");
  const there = await open(shop.owner, `/inbox/${id}`);
  const inbox = new Inbox(there);
  await inbox.text.fill("Shop mở từ 8 giờ");
  await fromAccountMenu(here, vi("common:account.logoutEverywhere"));
  const dialog = here.getByRole("dialog");
  await dialog.getByRole("button", { name: vi("common:account.logoutEverywhere") }).click();
  await expect(here).toHaveURL(/\/login/);
  await expect(there.getByText(vi("auth:login.expired"))).toBeVisible();
  await logIn(there, shop.owner);
  await expect(there).toHaveURL(new RegExp(`/inbox/${id}`));
  await expect(inbox.text).toHaveValue("Shop mở từ 8 giờ");
});

test("a session that is ended from another browser keeps what was being written", async ({ open, shop }) => {
  const here = await open(shop.owner, "/settings/security");
  const there = await open(shop.owner, "/products/new");
  const name = there.getByLabel(vi("products:editor.name"));
  const value = there.getByLabel(vi("products:extra.valueOf", { row: 1 }));
  await name.fill("Áo len cổ lọ");
  await value.fill("Đỏ đô");
  await here.reload();
  const list = here.getByRole("list", { name: vi("security:sessions.listLabel") });
  await expect(list.getByRole("listitem")).toHaveCount(2);
  const other = list.getByRole("listitem").filter({ hasNotText: vi("security:sessions.current") });
  await other.getByRole("button").click();
  await expect(list.getByRole("listitem")).toHaveCount(1);
  await expect(there.getByText(vi("auth:login.expired"))).toBeVisible();
  await logIn(there, shop.owner);
  await expect(there).toHaveURL(/\/products\/new$/);
  await expect(name).toHaveValue("Áo len cổ lọ");
  await expect(value).toHaveValue("Đỏ đô");
});

test("no server at the start, too many requests, and an answer that never was", async ({ open, shop }) => {
  const page = await open(shop.owner, "/inbox");
  await expect(page.getByText(vi("inbox:empty.shopTitle"))).toBeVisible();

  await page.route("**/api/auth/refresh", (route) => route.abort());
  await page.reload();
  await expect(page.getByRole("alert")).toContainText(vi("errors:network"));
  await page.unroute("**/api/auth/refresh");
  await retryUntil(page, page.getByText(vi("inbox:empty.shopTitle")));

  const problem = {
    status: 429,
    code: "too_many_requests",
    title: "",
    detail: "",
    request_id: "yeu-cau-1",
    errors: [],
  };
  await page.route("**/api/products?*", (route) =>
    route.fulfill({ status: 429, contentType: "application/problem+json", body: JSON.stringify(problem) }),
  );
  await page.getByRole("link", { name: vi("common:nav.products"), exact: true }).click();
  await expect(page.getByRole("alert")).toContainText("yeu-cau-1");
  await page.unroute("**/api/products?*");
  await retryUntil(page, page.getByText(vi("products:empty.title")));
});
