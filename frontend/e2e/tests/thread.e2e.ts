import { eventually } from "../kit/api.ts";
import { Inbox } from "../kit/inbox.ts";
import { newCustomer } from "../kit/shop.ts";
import { expect, test } from "../kit/test.ts";
import { vi } from "../kit/words.ts";

test("a search opens an old message where it stands, and marks it", async ({ open, shop }) => {
  await shop.withoutAssistant();
  const page = await shop.connect();
  const customer = newCustomer();
  const { id } = await shop.hears(page, customer, "Mình hỏi chiếc khăn len màu tím");
  const LATER = 130;
  for (let at = 1; at <= LATER; at += 1)
    await shop.sandbox.write(page.page_id, customer, `Chuyện khác ${at}`);
  await eventually("all have arrived", async () =>
    (await shop.messages({ id })).length === LATER + 1 ? true : null,
  );
  const screen = await open(shop.owner, "/inbox");
  const inbox = new Inbox(screen);
  const old = inbox.message("khăn len màu tím");
  const newest = inbox.thread.getByText(`Chuyện khác ${LATER}`, { exact: true });
  const opensThere = async () => {
    await expect(old).toBeInViewport();
    await expect(old).toHaveClass(/in-msg-marked/);
    await expect(newest).toHaveCount(0);
  };

  await inbox.search.fill("khan len mau tim");
  await expect(
    inbox
      .row(/khăn len/)
      .locator("mark")
      .first(),
  ).toBeVisible();
  await inbox.row(/khăn len/).click();
  await expect(screen).toHaveURL(/message=/);
  await opensThere();
  await screen.reload();
  await opensThere();
  await screen.getByRole("button", { name: vi("inbox:thread.jump") }).click();
  await expect(newest).toBeInViewport();
});

test("what is new since the last visit begins at a line that stays", async ({ open, shop }) => {
  await shop.withoutAssistant();
  const page = await shop.connect();
  const customer = newCustomer();
  const { id } = await shop.hears(page, customer, "Tin đã đọc");
  await shop.api.post(`/api/conversations/${id}/read`);
  await shop.hears(page, customer, "Tin mới đầu tiên");
  await shop.hears(page, customer, "Tin mới thứ hai");
  const screen = await open(shop.owner, `/inbox/${id}`);
  const inbox = new Inbox(screen);
  const line = vi("inbox:thread.unread");
  /** The line and what follows it. */
  const fromLine = async () => {
    const rows = await inbox.thread.locator("[data-index]").allInnerTexts();
    const at = rows.findIndex((text) => text.trim() === line);
    return at < 0 ? [] : rows.slice(at + 1).map((text) => /Tin [^\n]*/.exec(text)?.[0]);
  };
  await expect.poll(fromLine).toEqual(["Tin mới đầu tiên", "Tin mới thứ hai"]);
  await eventually("it is read", async () => (await shop.conversation(id)).unread_count === 0 || null);
  await shop.sandbox.write(page.page_id, customer, "Tin trong lúc xem");
  await expect.poll(fromLine).toEqual(["Tin mới đầu tiên", "Tin mới thứ hai", "Tin trong lúc xem"]);
  await eventually("that is read too", async () => (await shop.conversation(id)).unread_count === 0 || null);
  await screen.reload();
  await expect(inbox.message("Tin trong lúc xem")).toBeVisible();
  await expect(inbox.thread.getByText(line)).toHaveCount(0);
});
