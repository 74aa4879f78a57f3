import { readFile } from "node:fs/promises";
import type { Page } from "@playwright/test";
import { Inbox } from "../kit/inbox.ts";
import { lookAt, NARROW, WIDE } from "../kit/look.ts";
import { newCustomer } from "../kit/shop.ts";
import { expect, test } from "../kit/test.ts";
import { pattern, vi } from "../kit/words.ts";

const SIGHTS = [WIDE, NARROW].flatMap((size) =>
  (["light", "dark"] as const).map((theme) => ({ ...size, theme, isSearched: true })),
);

test("a shop's data is taken along as a file", async ({ open, shop }) => {
  await shop.product("Bình gốm men lam", "450000");
  await shop.withoutAssistant();
  const { contact } = await shop.hears(await shop.connect(), newCustomer(), "Chào shop");
  const page = await open(shop.owner, "/settings/privacy", { theme: "system" });
  await page.getByRole("button", { name: vi("settings:export.start"), exact: true }).click();
  const files = page.getByRole("list", { name: vi("settings:export.listLabel") }).getByRole("listitem");
  await expect(files).toHaveCount(1);
  await expect(files).toContainText(vi("settings:export.state.ready"), { timeout: 90_000 });
  await lookAt(page, "settings-privacy-export", SIGHTS);
  const download = page.waitForEvent("download");
  await files.getByRole("button", { name: vi("settings:export.fetch"), exact: true }).click();
  const file = await readFile(await (await download).path());
  expect(file.subarray(0, 2).toString()).toBe("PK");
  await page.goto("/settings/audit");
  const records = page.getByRole("list", { name: vi("audit:listLabel") });
  await expect(records.getByText(vi("audit:action.export.requested"))).toBeVisible();

  // Whoever is forgotten is in no file any more.
  await shop.api.call("DELETE", `/api/contacts/${contact.id}/data`);
  await expect(async () => {
    await page.goto("/settings/privacy");
    await expect(files).toContainText(vi("settings:export.state.withdrawn"), { timeout: 2_000 });
  }).toPass({ timeout: 60_000 });
  await expect(files).toContainText(vi("errors:export_withdrawn"));
  await expect(files.getByRole("button")).toHaveCount(0);
  await lookAt(page, "settings-privacy-withdrawn", SIGHTS);
  await expect(page.getByRole("button", { name: vi("settings:export.start"), exact: true })).toBeEnabled();
});

test("a shop is to be deleted, everybody reads it, and an owner takes it back", async ({ open, shop }) => {
  const colleague = await shop.colleague("Lan");
  const name = shop.owner.session.user.business_name ?? "";
  const page = await open(shop.owner, "/settings/privacy", { theme: "system" });
  const theirs = await open(colleague, "/products");
  const [words = ""] = vi("notices:notice.deletion", { when: "|" }).split("|");
  const banner = (one: Page) => one.locator(".app-banner").filter({ hasText: words });

  await test.step("with the name and the password", async () => {
    await page.getByRole("button", { name: vi("settings:deletion.open"), exact: true }).click();
    const dialog = page.getByRole("dialog");
    const submit = dialog.getByRole("button", { name: vi("settings:deletion.submit"), exact: true });
    await dialog.getByLabel(vi("settings:deletion.type", { name })).fill(name);
    await expect(submit).toBeDisabled();
    await dialog.getByLabel(vi("security:password.current")).fill("khong phai");
    await submit.click();
    await expect(dialog.getByText(vi("errors:field.password.wrong"))).toBeVisible();
    await lookAt(page, "settings-deletion-ask", SIGHTS);
    await dialog.getByLabel(vi("security:password.current")).fill(shop.owner.password);
    await submit.click();
    await expect(dialog).toBeHidden();
  });
  await test.step("it stands on every page, and who may take it back is led there", async () => {
    await expect(page.getByText(pattern("settings:deletion.held"))).toBeVisible();
    await lookAt(page, "settings-deletion-held", SIGHTS);
    await page.goto("/products");
    await expect(banner(page)).toBeVisible();
    await page.getByRole("link", { name: vi("notices:notice.takeBack"), exact: true }).click();
    await expect(page).toHaveURL(/\/settings\/privacy$/);
    await expect(banner(theirs)).toBeVisible();
    await expect(theirs.getByRole("link", { name: vi("notices:notice.takeBack"), exact: true })).toHaveCount(
      0,
    );
  });
  await test.step("taken back", async () => {
    await page.getByRole("button", { name: vi("settings:deletion.cancel"), exact: true }).click();
    await expect(page.getByText(vi("settings:deletion.canceled"))).toBeVisible();
    await expect(page.getByRole("button", { name: vi("settings:deletion.open"), exact: true })).toBeVisible();
    await expect(banner(page)).toHaveCount(0);
  });
});

test("a customer's data is erased, here and for colleagues", async ({ open, shop }) => {
  await shop.withoutAssistant();
  const channel = await shop.connect();
  const customer = newCustomer();
  const { id } = await shop.hears(channel, customer, "Xóa thông tin của mình giúp nhé");
  await shop.name(customer, "Nguyễn Thị Quên");
  const colleague = await shop.colleague("Lan");
  const page = await open(shop.owner, `/inbox/${id}`, { theme: "system" });
  const theirs = await open(colleague, "/inbox");
  await expect(new Inbox(theirs).row("Nguyễn Thị Quên")).toBeVisible();
  const inbox = new Inbox(page);
  const dialog = page.getByRole("dialog");
  // On a phone the details are another screen.
  const ask = async () => {
    if (await dialog.isVisible()) return;
    const panel = await inbox.details();
    await panel.getByRole("button", { name: vi("inbox:erase.open"), exact: true }).click();
    await expect(dialog).toContainText("Nguyễn Thị Quên");
  };
  await ask();
  await lookAt(page, "inbox-erase", SIGHTS, ask);
  await dialog.getByRole("button", { name: vi("inbox:erase.submit"), exact: true }).click();
  await expect(page).toHaveURL(/\/inbox$/);
  await expect(inbox.row("Nguyễn Thị Quên")).toHaveCount(0);
  await expect
    .poll(async () => {
      const { items } = await shop.api.get<{ items: { id: string }[] }>("/api/conversations");
      return items.length;
    })
    .toBe(0);
  await page.reload();
  await expect(page.getByText(vi("inbox:empty.shopTitle")).or(inbox.list)).toBeVisible();
  await expect(inbox.row("Nguyễn Thị Quên")).toHaveCount(0);

  // Colleagues come to nothing where the conversation was.
  await theirs.goto(`/inbox/${id}`);
  await expect(theirs.getByText(vi("inbox:thread.gone"))).toBeVisible();
  await expect(new Inbox(theirs).row("Nguyễn Thị Quên")).toHaveCount(0);
  // The same person may write again.
  await shop.hears(channel, customer, "Chào shop, mình mới quay lại");
});
