import { copyFileSync } from "node:fs";
import { Inbox } from "../kit/inbox.ts";
import { settled } from "../kit/look.ts";
import { expect, test } from "../kit/test.ts";
import { vi } from "../kit/words.ts";

/** With UPDATE_PICTURE=1 the README's picture is taken anew; otherwise it lies beside the other pictures only. */
test("the inbox in a picture", async ({ open, furnish, sql }) => {
  test.setTimeout(240_000);
  const { shop, open: conversation } = await furnish();
  const tenant = shop.owner.session.user.business_id;
  // A day's work does not come within a minute.
  await sql(`
    with aged as (
      select id, make_interval(mins => 3 + 37 * (row_number() over (order by last_message_at desc) - 1)::int) as ago
      from inbox.conversations where tenant_id = '${tenant}'
    ), messages as (
      update inbox.messages m set received_at = received_at - ago, platform_at = platform_at - ago
      from aged where m.conversation_id = aged.id and m.tenant_id = '${tenant}'
    )
    update inbox.conversations c set last_message_at = last_message_at - ago, last_opening_at = last_opening_at - ago
    from aged where c.id = aged.id and c.tenant_id = '${tenant}'`);
  const page = await open(shop.owner, `/inbox/${conversation.id}`, {
    viewport: { width: 1280, height: 800 },
  });
  const inbox = new Inbox(page);
  const last = inbox.message("Dạ em lên đơn cho chị ngay ạ!");
  await expect(last).toBeVisible();
  await inbox.thread.getByRole("button", { name: vi("inbox:failure.retry") }).click();
  await expect(last).toContainText(vi("inbox:delivery.sent"));
  await settled(page);
  await page.screenshot({ path: "e2e/shots/inbox.png" });
  if (process.env.UPDATE_PICTURE === "1") copyFileSync("e2e/shots/inbox.png", "../docs/inbox.png");
});
