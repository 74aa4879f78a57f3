import { tokenForm } from "../kit/channels.ts";
import { choose, Inbox } from "../kit/inbox.ts";
import { newCustomer } from "../kit/shop.ts";
import { expect, test } from "../kit/test.ts";
import { pattern, vi } from "../kit/words.ts";

test("after 24 hours only people may answer, after a week nobody until the customer writes", async ({
  open,
  shop,
  sql,
}) => {
  await shop.withoutAssistant();
  const page = await shop.connect();
  const customer = newCustomer();
  const { id } = await shop.hears(page, customer, "Shop còn hàng không?");
  const ago = (time: string) =>
    sql(`update inbox.conversations set last_opening_at = now() - interval '${time}' where id = '${id}'`);
  await ago("30 hours");
  const screen = await open(shop.owner, `/inbox/${id}`);
  const inbox = new Inbox(screen);
  const button = (name: string) => inbox.composer.getByRole("button", { name: vi(`inbox:composer.${name}`) });

  await test.step("people may", async () => {
    await expect(inbox.composer.getByText(pattern("inbox:window.peopleText"))).toBeVisible();
    await expect(inbox.text).toBeEditable();
    await inbox.text.fill("Viết trước khi hết hạn");
    await expect(inbox.send).toBeEnabled();
  });

  await test.step("nobody may, and nothing is offered that would fail", async () => {
    await ago("8 days");
    await screen.reload();
    await expect(inbox.composer.getByText(vi("inbox:window.closedText"))).toBeVisible();
    await expect(inbox.text).toHaveValue("Viết trước khi hết hạn");
    await expect(inbox.text).not.toBeEditable();
    await expect(inbox.send).toBeDisabled();
    await expect(button("attach")).toBeDisabled();
    await expect(button("insertReply")).toBeDisabled();
    await inbox.text.press("Enter");
    await expect(inbox.thread.getByRole("article")).toHaveCount(1);
  });

  await test.step("a note still can be written", async () => {
    await choose(inbox.composer.getByRole("radio", { name: vi("inbox:composer.note") }));
    await inbox.text.fill("Gọi điện cho khách");
    await button("saveNote").click();
    const note = inbox.thread.getByRole("article", { name: vi("inbox:note.label") });
    await expect(note).toContainText("Gọi điện cho khách");
    await choose(inbox.composer.getByRole("radio", { name: vi("inbox:composer.reply") }));
  });

  await test.step("the customer writes, and the answer goes out", async () => {
    await shop.sandbox.write(page.page_id, customer, "Mình quay lại nè");
    await expect(inbox.composer.getByText(vi("inbox:window.closedText"))).toBeHidden();
    await expect(inbox.text).toBeEditable();
    await inbox.send.click();
    await expect(inbox.message("Viết trước khi hết hạn")).toContainText(vi("inbox:delivery.sent"));
  });
});

test("a page that must be connected again says so where it matters", async ({ open, shop, sql }) => {
  await shop.withoutAssistant();
  const { channel, access_token, page_id } = await shop.connect();
  const { id } = await shop.hears({ platform: "facebook", page_id, access_token }, newCustomer(), "Alo shop");
  await sql(`update tenants.channels set health = 'needs_reconnect' where id = '${channel.id}'`);
  const page = await open(shop.owner, `/inbox/${id}`);
  const inbox = new Inbox(page);
  const told = inbox.composer.getByText(
    vi("inbox:composer.channelNeedsReconnect", { name: channel.page_name }),
  );
  await expect(told).toBeVisible();
  await told.getByRole("link", { name: vi("inbox:composer.toChannels") }).click();

  const card = page.getByRole("list", { name: vi("channels:listLabel") }).getByRole("listitem");
  await expect(card).toContainText(vi("channels:state.needs_reconnect"));
  await tokenForm(page, "facebook");
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel(vi("channels:form.pageId")).fill(page_id);
  await dialog.getByLabel(vi("channels:form.token"), { exact: true }).fill(access_token);
  await dialog.getByRole("button", { name: vi("channels:form.submit"), exact: true }).click();
  await expect(dialog).toBeHidden();
  await expect(card).toContainText(vi("channels:state.ok"));

  await page.goBack();
  await expect(inbox.text).toBeEditable();
  await expect(told).toBeHidden();
  await inbox.say("Dạ shop đây");
  await expect(inbox.message("Dạ shop đây")).toContainText(vi("inbox:delivery.sent"));
});
