import { tokenForm } from "../kit/channels.ts";
import { Inbox } from "../kit/inbox.ts";
import { newEmail, PASSWORD } from "../kit/shop.ts";
import { expect, test } from "../kit/test.ts";
import { vi } from "../kit/words.ts";

const QUESTION = "Áo thun đỏ cotton giá bao nhiêu vậy shop?";
const TAKEN_OVER = "Chào bạn, mình là nhân viên của shop, mình hỗ trợ bạn nhé.";
const LATER = "Bên mình còn đủ size ạ.";
const MISSED = ["Mình lấy size M", "Ship về Đà Nẵng được không?", "Khi nào có hàng vậy?"];

test("from registering to a conversation that a colleague sees", async ({
  open,
  run,
  sandbox,
  shop: other,
  shopOf,
}) => {
  test.setTimeout(180_000);
  const email = newEmail();
  const page = await open(null, "/register");

  await test.step("register", async () => {
    await page.getByLabel(vi("auth:field.businessName")).fill("Tiệm Nắng");
    await page.getByLabel(vi("auth:field.email")).fill(email);
    await page.getByLabel(vi("auth:field.password"), { exact: true }).fill(PASSWORD);
    await page.getByRole("button", { name: vi("auth:register.submit") }).click();
    await expect(page.getByText(vi("inbox:empty.shopTitle"))).toBeVisible();
  });

  const free = other.freePage();
  await test.step("connect a page", async () => {
    await page.getByRole("link", { name: vi("inbox:empty.shopAction") }).click();
    await tokenForm(page, "facebook");
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel(vi("channels:form.pageId")).fill(free.page_id);
    await dialog.getByLabel(vi("channels:form.token"), { exact: true }).fill(free.access_token);
    await dialog.getByRole("button", { name: vi("channels:form.submit"), exact: true }).click();
    await expect(page.getByRole("list", { name: vi("channels:listLabel") })).toContainText(free.page_id);
  });

  await test.step("add a product", async () => {
    await page.getByRole("link", { name: vi("common:nav.products"), exact: true }).click();
    await page
      .getByRole("link", { name: vi("products:add") })
      .first()
      .click();
    await page.getByLabel(vi("products:editor.name"), { exact: true }).fill("Áo thun đỏ cotton");
    await page.getByLabel(vi("products:editor.description")).fill("Áo thun cotton mềm, màu đỏ");
    await page.getByLabel(vi("products:editor.price")).fill("150k");
    await page.getByRole("button", { name: vi("products:editor.create") }).click();
    const row = page.getByRole("list", { name: vi("products:listLabel") }).getByRole("listitem");
    await expect(row).toContainText("Áo thun đỏ cotton");
    await expect(row).toContainText("150.000");
    // The demo shop's products may be learned first.
    await expect(row).toContainText(vi("products:embedding.ready"), { timeout: 90_000 });
  });

  const inbox = new Inbox(page);
  const [customer = ""] = await customersOf(run.sandbox_url, free.page_id);
  const phone = await open(null, sandbox.phone(free.page_id, customer));
  await test.step("a customer writes on the phone page, and the answer appears live", async () => {
    await page.getByRole("link", { name: new RegExp(`^${vi("common:nav.inbox")}`) }).click();
    await phone.getByLabel("Tin nhắn", { exact: true }).fill(QUESTION);
    await phone.getByRole("button", { name: "Gửi", exact: true }).click();
    // The only one: its text is the answer's as soon as that is there.
    await inbox.list.getByRole("link").click();
    await expect(inbox.message(QUESTION)).toBeVisible();
    const answer = inbox.message(/150\.000/);
    await expect(answer).toContainText(vi("inbox:assistant"));
    await expect(answer).toContainText(vi("inbox:delivery.sent"));
    await expect(phone.getByRole("log")).toContainText("150.000");
  });

  await test.step("take over and send", async () => {
    await inbox.say(TAKEN_OVER);
    await expect(inbox.message(TAKEN_OVER)).toContainText(vi("inbox:delivery.sent"));
    await expect(phone.getByRole("log")).toContainText(TAKEN_OVER);
    await expect((await inbox.details()).getByText(vi("inbox:ai.paused"))).toBeVisible();
  });

  await test.step("a send fails, says why, and goes through the second time", async () => {
    await sandbox.order({ target: "graph", kind: "status", status: 400, code: 999, call: "send" });
    await inbox.say(LATER);
    const message = inbox.thread.locator("[data-index]").filter({ hasText: LATER });
    await expect(message).toContainText(vi("inbox:failure.rejected"));
    await message.getByRole("button", { name: vi("inbox:failure.retry") }).click();
    await expect(message).toContainText(vi("inbox:delivery.sent"));
    await expect(phone.getByRole("log")).toContainText(LATER);
  });

  await test.step("the connection is cut and resumed, and nothing is missing", async () => {
    await page.context().setOffline(true);
    await expect(page.getByText(vi("common:connection.noNetwork"))).toBeVisible();
    for (const text of MISSED) await sandbox.write(free.page_id, customer, text);
    const written = "Viết lúc mất mạng";
    await inbox.say(written);
    await expect(inbox.message(written)).toContainText(vi("inbox:delivery.offline"));
    await page.context().setOffline(false);
    for (const text of MISSED) await expect(inbox.message(text)).toHaveCount(1);
    await expect(inbox.message(written)).toContainText(vi("inbox:delivery.sent"));
    await expect(page.getByText(vi("common:connection.noNetwork"))).toBeHidden();
    await expect(inbox.message(TAKEN_OVER)).toHaveCount(1);
  });

  await test.step("a colleague sees it, and what they answer appears here", async () => {
    const shop = await shopOf(email, PASSWORD);
    const lan = await open(await shop.colleague("Lan"), page.url().replace(/^.*?\/inbox/, "/inbox"));
    const theirs = new Inbox(lan);
    await expect(theirs.message(TAKEN_OVER)).toBeVisible();
    for (const text of MISSED) await expect(theirs.message(text)).toHaveCount(1);
    await theirs.say("Ship được bạn nhé, 2 ngày là tới.");
    const answer = inbox.message("Ship được bạn nhé");
    await expect(answer).toHaveCount(1);
    await expect(answer).toContainText("Lan");
  });
});

async function customersOf(sandbox: string, pageId: string): Promise<string[]> {
  const answer = await fetch(`${sandbox}/sandbox/pages`);
  const { items }: { items: { page_id: string; customers: { id: string }[] }[] } = await answer.json();
  return items.find((page) => page.page_id === pageId)?.customers.map(({ id }) => id) ?? [];
}
