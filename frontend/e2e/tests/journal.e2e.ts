import { newCustomer } from "../kit/shop.ts";
import { expect, test } from "../kit/test.ts";
import { vi } from "../kit/words.ts";

test("the journal lists, narrows, shows and works off again what Meta sent", async ({
  open,
  shop,
  sandbox,
  sql,
}) => {
  await shop.withoutAssistant();
  const { page_id: pageId, ...connected } = await shop.connect();
  const customer = newCustomer();
  const asked = await shop.hears({ ...connected, page_id: pageId }, customer, "Còn áo size M không shop?");
  await sandbox.event(pageId, { kind: "comment" });
  const page = await open(shop.owner, "/channels");
  await page.getByRole("link", { name: vi("channels:journal") }).click();
  const list = page.getByRole("list", { name: vi("journal:listLabel") });
  const rows = list.getByRole("listitem");
  const message = rows.filter({ hasText: vi("journal:kind.message") });
  const comment = rows.filter({ hasText: vi("journal:reason.not_a_conversation") });

  await test.step("everything is there", async () => {
    await expect(async () => {
      await page.getByRole("button", { name: vi("journal:refresh") }).click();
      await expect(comment).toHaveCount(1, { timeout: 1_000 });
    }).toPass();
    await expect(message).toHaveCount(1);
  });

  await test.step("an outcome narrows it, in the address", async () => {
    await page.getByLabel(vi("journal:filter.outcome"), { exact: true }).selectOption("ignored");
    await expect(message).toHaveCount(0);
    await expect(comment).toHaveCount(1);
    await expect(page).toHaveURL(/outcome=ignored/);
    await page.reload();
    await expect(comment).toHaveCount(1);
    await page.getByLabel(vi("journal:filter.outcome"), { exact: true }).selectOption("stored");
    await expect(message).toHaveCount(1);
  });

  await test.step("one is shown with what Meta sent", async () => {
    await message.getByRole("button").click();
    const dialog = page.getByRole("dialog");
    await expect(dialog).toContainText("Còn áo size M không shop?");
    await expect(dialog.getByRole("link", { name: vi("journal:detail.message") })).toHaveAttribute(
      "href",
      new RegExp(`^/inbox/${asked.id}\\?message=`),
    );
    await dialog.getByRole("button", { name: vi("journal:redrive.one") }).click();
    await expect(page.getByText(vi("journal:redrive.begun", { count: 1 }))).toBeVisible();
    await expect(dialog).toContainText(vi("journal:detail.redriven"));
    await page.keyboard.press("Escape");
    await expect(dialog).toBeHidden();
    expect(await shop.messages(asked)).toHaveLength(1);
  });

  await test.step("what failed stands out and is worked off again", async () => {
    await sql(`update inbox.webhook_items set outcome = 'failed', reason = 'order' where channel_id = '${connected.channel.id}'
      and outcome = 'ignored'`);
    await page.getByLabel(vi("journal:filter.outcome"), { exact: true }).selectOption("");
    await page.getByRole("button", { name: vi("journal:refresh") }).click();
    await page.getByRole("button", { name: vi("journal:deadShow") }).click();
    await expect(page).toHaveURL(/outcome=failed/);
    await page.getByRole("button", { name: vi("journal:redrive.period") }).click();
    const dialog = page.getByRole("dialog");
    await expect(dialog).toContainText(vi("journal:redrive.titleCount", { count: 1 }));
    await dialog.getByRole("button", { name: vi("journal:redrive.submit") }).click();
    await expect(page.getByText(vi("journal:empty.filteredTitle"))).toBeVisible();
    await page.getByRole("button", { name: vi("journal:empty.clear") }).click();
    await expect(comment).toHaveCount(1);
  });
});

test("the journal is not for everybody", async ({ open, shop }) => {
  const page = await open(await shop.colleague("Lan"), "/journal");
  await expect(page.getByText(vi("journal:notAllowed.title"))).toBeVisible();
});
