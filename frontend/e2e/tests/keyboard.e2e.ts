import { Inbox } from "../kit/inbox.ts";
import { newCustomer } from "../kit/shop.ts";
import { expect, test } from "../kit/test.ts";
import { vi } from "../kit/words.ts";

test("from logging in to answering without a mouse", async ({ open, shop }) => {
  await shop.withoutAssistant();
  const channel = await shop.connect();
  await shop.hears(channel, newCustomer(), "Câu hỏi thứ nhất");
  const second = newCustomer();
  await shop.hears(channel, second, "Câu hỏi thứ hai");
  const page = await open(null, "/login");
  const inbox = new Inbox(page);
  const keys = page.keyboard;
  await page.getByLabel(vi("auth:field.email")).focus();
  await keys.type(shop.owner.email);
  await keys.press("Tab");
  await expect(page.getByLabel(vi("auth:field.password"), { exact: true })).toBeFocused();
  await keys.type(shop.owner.password);
  await keys.press("Enter");
  await expect(inbox.row("Câu hỏi thứ hai")).toBeVisible();

  await keys.press("j");
  await expect(inbox.row("Câu hỏi thứ hai")).toBeFocused();
  await keys.press("j");
  await expect(inbox.row("Câu hỏi thứ nhất")).toBeFocused();
  await keys.press("k");
  await expect(inbox.row("Câu hỏi thứ hai")).toBeFocused();
  await keys.press("Enter");
  await expect(inbox.message("Câu hỏi thứ hai")).toBeVisible();
  await keys.press("?");
  const sheet = page.getByRole("dialog", { name: vi("common:shortcuts.title") });
  await expect(sheet).toContainText(vi("inbox:keys.reply"));
  await keys.press("Escape");
  await expect(sheet).toBeHidden();

  await keys.press("r");
  await expect(inbox.text).toBeFocused();
  await keys.type("jkre là chữ, không phải lệnh");
  await keys.press("Enter");
  await expect(inbox.message("không phải lệnh")).toContainText(vi("inbox:delivery.sent"));
  await keys.press("Escape");
  await expect(inbox.text).not.toBeFocused();
  await keys.press("n");
  await expect(inbox.composer.getByRole("textbox", { name: vi("inbox:composer.noteLabel") })).toBeFocused();
  await keys.type("Ghi chú bằng phím");
  await keys.press("Enter");
  await expect(inbox.thread.getByRole("article", { name: vi("inbox:note.label") })).toContainText(
    "bằng phím",
  );
  await expect(inbox.text).toHaveValue("");
  await keys.press("Escape");
  await expect(inbox.text).not.toBeFocused();
  await keys.press("/");
  await expect(inbox.search).toBeFocused();
  await keys.type("thu nhat");
  await expect(inbox.list.getByRole("listitem")).toHaveCount(1);
  await keys.press("Escape");
  await expect(inbox.search).toHaveValue("");
  await keys.press("Escape");
  await expect(inbox.search).not.toBeFocused();
  await keys.press("e");
  await expect(page.getByRole("button", { name: vi("inbox:actions.reopenFull") })).toBeVisible();
  const sent = await shop.sandbox.sentTo(channel.page_id, second);
  expect(sent.map(({ text }) => text)).toEqual(["jkre là chữ, không phải lệnh"]);
});

test("menus and windows give the focus back", async ({ open, shop }) => {
  const page = await open(shop.owner, "/channels");
  const button = page.getByRole("button", { name: vi("channels:connect.advanced") }).first();
  await button.press("Enter");
  await expect(page.getByRole("menuitem").first()).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("dialog")).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(page.getByRole("dialog")).toBeHidden();
  await expect(button).toBeFocused();
  const account = page.getByRole("button", { name: new RegExp(`^${vi("common:account.menu")}`) });
  await account.press("Enter");
  await expect(page.getByRole("menuitemcheckbox").first()).toBeFocused();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await expect(page.locator("html")).toHaveAttribute("data-theme", "dark");
  await expect(account).toBeFocused();
});
