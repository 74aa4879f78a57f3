import { readFileSync } from "node:fs";
import type { Page } from "@playwright/test";
import type { Import, Product } from "@/api/gen/model";
import { expectAccessible } from "../kit/look.ts";
import { expect, test } from "../kit/test.ts";
import { vi } from "../kit/words.ts";

/** Chooses a file of these lines. */
async function choose(page: Page, name: string, lines: string[]): Promise<void> {
  const buffer = Buffer.from(lines.join("\n"));
  await page.locator("input[type=file]").setInputFiles({ name, mimeType: "text/csv", buffer });
}

test("a file is looked at, mended, taken over, and comes out again", async ({ open, shop }) => {
  const page = await open(shop.owner, "/products");
  await page
    .getByRole("link", { name: vi("products:files.import") })
    .first()
    .click();
  const header = "Tên sản phẩm,Mã SP,Danh mục,Giá bán,Tồn kho,Giá vốn";
  const good = "Áo thun,AT01,Áo,150k,12,90000";
  await choose(page, "hàng tháng 11.csv", [header, good, "Mũ len,ML01,Phụ kiện,rẻ lắm,3,1"]);
  await expect(page.getByRole("heading", { name: vi("imports:dry.done") })).toBeVisible();
  const report = page.getByRole("list", { name: vi("imports:report") });
  await expect(report).toContainText("Mũ len");
  await expect(report).toContainText(vi("imports:error.price.malformed"));
  expect((await shop.api.get<{ items: Product[] }>("/api/products")).items).toEqual([]);

  await choose(page, "hàng tháng 11.csv", [header, good, "Mũ len,ML01,Phụ kiện,89.000,3,1"]);
  await page.getByRole("button", { name: vi("imports:next.take", { count: 2 }) }).click();
  await expect(page.getByRole("heading", { name: vi("imports:real.done") })).toBeVisible();
  await expectAccessible(page, "an import that is over");
  await page.getByRole("link", { name: vi("imports:next.see") }).click();
  const list = page.getByRole("list", { name: vi("products:listLabel") });
  await expect(list.getByRole("listitem")).toHaveCount(2);
  await expect(list).toContainText("89.000");

  await page.getByRole("button", { name: vi("products:files.menu") }).click();
  const download = page.waitForEvent("download");
  await page.getByRole("menuitem", { name: vi("products:files.csv") }).click();
  const file = await download;
  expect(file.suggestedFilename()).toMatch(/^san-pham-\d{4}-\d{2}-\d{2}\.csv$/);
  const written = readFileSync(await file.path(), "utf8");
  expect(written).toContain("Mũ len");
  // What the shop paid is for nobody's eyes and was never kept.
  expect(written).not.toContain("90000");
});

test("the same file again changes what is there, and has nothing to do the third time", async ({
  open,
  shop,
}) => {
  await shop.product("Áo thun", "150000", { sku: "AT01" });
  const page = await open(shop.owner, "/products/import");
  const lines = ["Tên,Mã SP,Giá", "Áo thun,AT01,175000"];
  await choose(page, "gia-moi.csv", lines);
  await page.getByRole("button", { name: vi("imports:next.take", { count: 1 }) }).click();
  await expect(page.getByRole("heading", { name: vi("imports:real.done") })).toBeVisible();
  await expect(page.getByText(vi("imports:did.updated"), { exact: true })).toBeVisible();
  await choose(page, "gia-moi.csv", lines);
  await expect(page.getByText(vi("imports:next.same"))).toBeVisible();
  // Reloaded, the report is there; the file has to be chosen again.
  await page
    .getByRole("region", { name: vi("imports:last") })
    .getByRole("link")
    .nth(2)
    .click();
  await page.reload();
  await expect(page.getByText(vi("imports:next.again"))).toBeVisible();
  const { items } = await shop.api.get<{ items: Import[] }>("/api/products/imports");
  expect(items.map(({ dry_run }) => dry_run)).toEqual([true, false, true]);
});

test("files that are none, and one that has no names", async ({ open, shop }) => {
  const page = await open(shop.owner, "/products/import");
  await choose(page, "hang.xls", ["x"]);
  await expect(page.getByText(vi("imports:problem.oldExcel"))).toBeVisible();
  await choose(page, "hang.csv", []);
  await expect(page.getByText(vi("imports:problem.empty"))).toBeVisible();
  await choose(page, "hang.csv", ["Giá,Mô tả", "1000,x"]);
  await expect(page.getByRole("alert")).toContainText(vi("imports:failure.no_name_column"));
  const download = page.waitForEvent("download");
  await page.goto("/products/import");
  await page.getByRole("button", { name: vi("imports:template.get") }).click();
  const file = await download;
  // What we give to begin with is taken as it is.
  await page.locator("input[type=file]").setInputFiles(await file.path());
  await expect(page.getByRole("button", { name: vi("imports:next.take", { count: 2 }) })).toBeVisible();
});
