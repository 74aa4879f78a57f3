import { eventually } from "../kit/api.ts";
import { Inbox } from "../kit/inbox.ts";
import { dress } from "../kit/png.ts";
import { newCustomer } from "../kit/shop.ts";
import { expect, test } from "../kit/test.ts";
import { pattern, vi } from "../kit/words.ts";

test("files go out, one that the channel does not take says so", async ({ open, shop }) => {
  await shop.withoutAssistant();
  const page = await shop.connect("instagram");
  const customer = newCustomer();
  const { id } = await shop.hears(page, customer, "Cho mình xem ảnh thật nhé");
  const screen = await open(shop.owner, `/inbox/${id}`);
  const inbox = new Inbox(screen);
  const picker = inbox.composer.locator("input[type=file]");
  const files = inbox.composer.getByRole("list", { name: vi("inbox:upload.list") });
  const name = 'ảnh <b onclick="x">thật.png';
  await picker.setInputFiles({ name, mimeType: "image/png", buffer: Buffer.from(dress(48, 36)) });
  await expect(files.getByRole("button", { name: vi("inbox:upload.remove", { name }) })).toBeVisible();
  await picker.setInputFiles({
    name: "bảng giá.zip",
    mimeType: "application/zip",
    buffer: Buffer.from("PK"),
  });
  await expect(files.getByRole("alert")).toHaveText(vi("inbox:upload.type_not_supported"));
  await files.getByRole("button", { name: vi("inbox:upload.remove", { name: "bảng giá.zip" }) }).click();
  await inbox.text.fill("Ảnh đây ạ");
  await inbox.send.click();
  // Its name is shown only until the server has it: what stays is the picture.
  const kind = vi("inbox:attachment.image");
  await expect(
    inbox.thread.getByRole("button", { name: vi("inbox:attachment.open", { kind }) }),
  ).toBeVisible();
  await expect(inbox.message("Ảnh đây ạ")).toContainText(vi("inbox:delivery.sent"));
  await expect(files).toBeHidden();
  const sent = async () => {
    const items = await shop.sandbox.sentTo(page.page_id, customer);
    return items.flatMap(({ attachments }) => attachments ?? []).length;
  };
  await expect.poll(sent).toBe(1);
});

test("an upload that failed is tried again", async ({ open, shop }) => {
  await shop.withoutAssistant();
  const page = await shop.connect();
  const { id } = await shop.hears(page, newCustomer(), "Gửi mình hóa đơn với");
  const screen = await open(shop.owner, `/inbox/${id}`);
  const inbox = new Inbox(screen);
  await screen.route("**/attachments", (route) => route.abort(), { times: 1 });
  const picker = inbox.composer.locator("input[type=file]");
  await picker.setInputFiles({
    name: "hóa đơn.pdf",
    mimeType: "application/pdf",
    buffer: Buffer.from("%PDF-1.4"),
  });
  const files = inbox.composer.getByRole("list", { name: vi("inbox:upload.list") });
  await expect(files.getByRole("alert")).toContainText(vi("inbox:upload.failed"));
  await files.getByRole("button", { name: vi("inbox:upload.retry", { name: "hóa đơn.pdf" }) }).click();
  await expect(files.getByRole("button", { name: pattern("inbox:upload.remove") })).toBeVisible();
  await expect(files.getByRole("alert")).toHaveCount(0);
  await inbox.send.click();
  await expect(inbox.message("hóa đơn.pdf")).toContainText(vi("inbox:delivery.sent"));
});

test("what a customer sends is shown, and says when it is gone", async ({ open, shop }) => {
  await shop.withoutAssistant();
  const page = await shop.connect();
  const customer = newCustomer();
  const { id } = await shop.hears(page, customer, "Mình gửi ảnh lỗi");
  const picture = await shop.sandbox.keep("image/png", dress());
  await shop.sandbox.write(page.page_id, customer, "", [picture]);
  await shop.sandbox.write(page.page_id, customer, "", [
    { type: "image", url: `${shop.sandbox.url}/sandbox/media/gone` },
  ]);
  await shop.sandbox.write(page.page_id, customer, "", [{ type: "file", url: "javascript:alert(1)" }]);
  await eventually("all have arrived", async () =>
    (await shop.messages({ id })).length === 4 ? true : null,
  );
  const screen = await open(shop.owner, `/inbox/${id}`);
  const inbox = new Inbox(screen);
  const kind = vi("inbox:attachment.image");
  await expect(inbox.message(vi("inbox:attachment.gone", { kind }))).toBeVisible();
  await inbox.thread.getByRole("button", { name: vi("inbox:attachment.open", { kind }) }).click();
  const lightbox = screen.getByRole("dialog");
  await expect(lightbox.getByRole("img").first()).toBeVisible();
  await screen.keyboard.press("Escape");
  await expect(lightbox).toBeHidden();
  await expect(inbox.thread.getByRole("article")).toHaveCount(4);
  await expect(inbox.message(vi("inbox:attachment.file"))).toBeVisible();
  await expect(inbox.thread.locator("a[href^='javascript']")).toHaveCount(0);
});
