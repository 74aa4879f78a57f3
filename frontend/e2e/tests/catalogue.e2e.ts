import { expect, test } from "../kit/test.ts";
import { vi } from "../kit/words.ts";

test("a product with bad input, then good, then changed", async ({ open, shop }) => {
  const page = await open(shop.owner, "/products");
  await page
    .getByRole("link", { name: vi("products:add") })
    .first()
    .click();
  const price = page.getByLabel(vi("products:editor.price"));
  const image = page.getByLabel(vi("products:images.linkOf", { row: 1 }));
  const create = page.getByRole("button", { name: vi("products:editor.create") });
  await page.getByLabel(vi("products:editor.name"), { exact: true }).fill("Bình giữ nhiệt <b>500ml</b>");
  await price.fill("một trăm");
  await image.fill("javascript:alert(1)");
  await page.getByRole("button", { name: vi("products:extra.add") }).click();
  await page.getByLabel(vi("products:extra.nameOf", { row: 1 })).fill("Màu");
  await create.click();
  await expect(page.getByText(vi("products:problems.priceUnread"))).toBeVisible();
  await expect(page.getByText(vi("products:problems.image"))).toBeVisible();
  await expect(page.getByText(vi("products:extra.problems.value_required"))).toBeVisible();
  await expect(price).toHaveValue("một trăm");

  await price.fill("1tr2");
  await image.fill("");
  await page.getByLabel(vi("products:extra.kindOf", { row: 1 })).selectOption("list");
  await page.getByLabel(vi("products:extra.valueOf", { row: 1 })).fill("Đen, Trắng");
  await create.click();
  const list = page.getByRole("list", { name: vi("products:listLabel") });
  const row = list.getByRole("listitem").filter({ hasText: "Bình giữ nhiệt <b>500ml</b>" });
  await expect(row).toContainText("1.200.000");

  await row.getByRole("link").click();
  await page.getByLabel(vi("products:editor.description")).fill("Giữ nóng 12 giờ");
  await page.getByRole("link", { name: vi("common:cancel"), exact: true }).click();
  await page
    .getByRole("dialog")
    .getByRole("button", { name: vi("common:unsaved.stay") })
    .click();
  await page.getByRole("button", { name: vi("common:save"), exact: true }).click();
  await expect(row).toContainText("Giữ nóng 12 giờ");
  const [product] = (await shop.api.get<{ items: { extra_info: unknown }[] }>("/api/products")).items;
  expect(product?.extra_info).toEqual({ Màu: ["Đen", "Trắng"] });
});

test("found without accents, sold out, deleted and taken back", async ({ open, shop }) => {
  await shop.product("Áo thun đỏ", "150000");
  await shop.product("Quần jean xanh", "420000");
  const page = await open(shop.owner, "/products");
  const list = page.getByRole("list", { name: vi("products:listLabel") });
  await expect(list.getByRole("listitem")).toHaveCount(2);
  await page.getByRole("searchbox", { name: vi("products:searchLabel") }).fill("ao do");
  await expect(list.getByRole("listitem")).toHaveCount(1);
  const row = list.getByRole("listitem").filter({ hasText: "Áo thun đỏ" });
  await row.getByRole("switch").click();
  await expect(row).toContainText(vi("products:status.out_of_stock"));
  // Shown before the server has answered, whose answer must not meet the deletion.
  await expect(row.getByRole("switch")).not.toHaveAttribute("aria-busy");

  await row.getByRole("button", { name: vi("products:actions", { name: "Áo thun đỏ" }) }).click();
  await page.getByRole("menuitem", { name: vi("common:delete") }).click();
  await expect(row).toHaveCount(0);
  await page.getByRole("button", { name: vi("common:undo") }).click();
  await expect(row).toContainText(vi("products:status.out_of_stock"));
  await page.reload();
  await expect(page.getByRole("searchbox", { name: vi("products:searchLabel") })).toHaveValue("ao do");
  await expect(row).toBeVisible();
});

test("more products than a page holds", async ({ open, shop }) => {
  for (let at = 0; at < 55; at += 1) await shop.product(`Khăn lụa mẫu ${at}`, "99000");
  const page = await open(shop.owner, "/products");
  const rows = page.getByRole("list", { name: vi("products:listLabel") }).getByRole("listitem");
  await expect(rows).not.toHaveCount(0);
  expect(await rows.count()).toBeLessThan(55);
  await page.getByRole("button", { name: vi("common:loadMore") }).click();
  await expect(rows).toHaveCount(55);
});

test("a product with forms, what its price was, and few left of it", async ({ open, shop }) => {
  await shop.product("Mũ len", "89000", { category: "Phụ kiện", stock: 40 });
  const page = await open(shop.owner, "/products/new");
  const field = (key: string, values: Record<string, string | number> = {}) =>
    page.getByLabel(vi(`products:${key}`, values), { exact: true });
  await field("editor.name").fill("Áo thun cotton");
  await field("editor.price").fill("150k");
  await page.getByLabel(vi("products:editor.category")).fill("Áo thun");
  await page
    .getByRole("textbox", { name: vi("products:editor.sku") })
    .first()
    .fill("AT01");
  await page.getByRole("button", { name: vi("products:variants.addAttribute") }).click();
  await field("variants.attributeOf", { row: 1 }).fill("Màu");
  await field("variants.valuesOf", { row: 1 }).fill("Đen, Trắng");
  // By keyboard, as somebody does who types on.
  await page.keyboard.press("Enter");
  await expect(field("variants.nameOf", { row: 2 })).toHaveValue("Trắng");
  await field("variants.stockOf", { row: 1 }).fill("2");
  await field("variants.stockOf", { row: 2 }).fill("12");
  await field("variants.skuOf", { row: 1 }).fill("AT01");
  await page.getByRole("button", { name: vi("products:editor.create") }).click();
  await expect(page.getByText(vi("products:variants.problems.skuTwice"))).toBeVisible();
  await field("variants.skuOf", { row: 1 }).fill("AT01-DEN");
  await page.getByRole("button", { name: vi("products:editor.create") }).click();

  const list = page.getByRole("list", { name: vi("products:listLabel") });
  await expect(list.getByRole("listitem")).toHaveCount(2);
  await page.getByLabel(vi("products:stock.filterLabel")).selectOption("5");
  await expect(list.getByRole("listitem")).toHaveCount(1);
  await expect(list).toContainText(vi("products:stock.left", { number: 14 }));
  await list.getByRole("link", { name: "Áo thun cotton" }).click();
  await field("editor.price").fill("170k");
  await page.getByRole("button", { name: vi("common:save"), exact: true }).click();
  // Back with the filter that one came from.
  await expect(page.getByLabel(vi("products:stock.filterLabel"))).toHaveValue("5");
  await list.getByRole("link", { name: "Áo thun cotton" }).click();
  await page.getByText(vi("products:history.title"), { exact: true }).click();
  const history = page.getByRole("list", { name: vi("products:history.title") });
  await expect(history.getByRole("listitem")).toHaveCount(1);
  await expect(history).toContainText(/150\.000.*170\.000/);
});
