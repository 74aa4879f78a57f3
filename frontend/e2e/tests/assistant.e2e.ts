import { eventually } from "../kit/api.ts";
import { choose } from "../kit/inbox.ts";
import { newCustomer } from "../kit/shop.ts";
import { expect, test } from "../kit/test.ts";
import { vi } from "../kit/words.ts";

test("knowledge: added, found without accents, used by the assistant, deleted and taken back", async ({
  open,
  shop,
}) => {
  const page = await open(shop.owner, "/knowledge");
  const dialog = page.getByRole("dialog");
  const list = page.getByRole("list", { name: vi("knowledge:listLabel") });
  const add = page.getByRole("button", { name: vi("knowledge:add") }).first();

  await add.click();
  await dialog.getByRole("button", { name: vi("common:save") }).click();
  await expect(dialog.getByText(vi("entry:problems.missing"))).toHaveCount(2);
  await dialog.getByLabel(vi("entry:title.faq")).fill("Shop có gói quà không?");
  await dialog.getByLabel(vi("entry:body.faq")).fill("Dạ shop gói quà miễn phí ạ.");
  await dialog.getByRole("button", { name: vi("common:save") }).click();
  await expect(list).toContainText("Dạ shop gói quà miễn phí ạ.");

  await add.click();
  await choose(dialog.getByRole("radio", { name: vi("entry:kind.synonym") }));
  await dialog.getByLabel(vi("entry:title.synonym")).fill("tee, t-shirt");
  await dialog.getByLabel(vi("entry:body.synonym")).fill("áo phông");
  await page.keyboard.press("Enter");
  await dialog.getByRole("button", { name: vi("common:save") }).click();
  await expect(list.getByRole("listitem")).toHaveCount(2);

  await page.getByRole("searchbox", { name: vi("knowledge:searchLabel") }).fill("goi qua");
  await expect(list.getByRole("listitem")).toHaveCount(1);
  await page
    .getByRole("button", { name: vi("knowledge:deleteNamed", { title: "Shop có gói quà không?" }) })
    .click();
  await expect(page.getByText(vi("knowledge:empty.filteredTitle"))).toBeVisible();
  await page.getByRole("button", { name: vi("common:undo") }).click();
  await expect(list).toContainText("gói quà miễn phí");

  await page
    .getByRole("navigation", { name: vi("common:assistantNav.label") })
    .getByRole("link", { name: vi("common:assistantNav.preview") })
    .click();
  await page.getByLabel(vi("preview:question")).fill("Shop có gói quà không?");
  await page.keyboard.press("Enter");
  const log = page.getByRole("list", { name: vi("preview:logLabel") });
  await expect(log).toContainText("gói quà miễn phí");
  await expect(log.getByText(vi("entry:used.title"))).toBeVisible();
  await log.getByRole("link", { name: "Shop có gói quà không?" }).click();
  await expect(list.getByRole("listitem")).toHaveCount(1);
});

test("a question that nobody could answer is taught, and another is forgotten", async ({ open, shop }) => {
  const channel = await shop.connect();
  await shop.product("Áo len cổ lọ", "350000");
  const ship = "Phí ship đi Cần Thơ bao nhiêu?";
  for (const text of [ship, "Áo len cổ lọ bảo hành mấy năm?"]) {
    const { id } = await shop.hears(channel, newCustomer(), text);
    await eventually("it is handed over", async () => {
      return (await shop.conversation(id)).status === "needs_human" || null;
    });
  }
  const page = await open(shop.owner, "/unanswered");
  const list = page.getByRole("list", { name: vi("unanswered:listLabel") });
  const dialog = page.getByRole("dialog");
  await expect(list.getByRole("listitem")).toHaveCount(2);
  await list.getByRole("button", { name: vi("unanswered:answerNamed", { question: ship }) }).click();
  await expect(dialog.getByLabel(vi("entry:title.faq"))).toHaveValue(ship);
  await expect(dialog.getByLabel(vi("entry:body.faq"))).toBeFocused();
  await page.keyboard.type("Dạ phí ship đi Cần Thơ là 30.000đ ạ.");
  await dialog.getByRole("button", { name: vi("common:save") }).click();
  await expect(list.getByRole("listitem")).toHaveCount(1);
  await list.getByRole("button", { name: new RegExp(`^${vi("unanswered:dismiss")}`) }).click();
  await dialog.getByRole("button", { name: vi("unanswered:dismiss"), exact: true }).click();
  await expect(page.getByText(vi("unanswered:empty.title"))).toBeVisible();
  await page.goto("/knowledge");
  await expect(page.getByRole("list", { name: vi("knowledge:listLabel") })).toContainText("30.000đ");
});

test("a replay runs, and its report is there after a reload", async ({ open, shop, sandbox }) => {
  const channel = await shop.connect();
  await shop.product("Túi vải canvas", "95000");
  for (const text of ["Túi vải canvas giá bao nhiêu?", "Cho mình gặp nhân viên"]) {
    const asked = await shop.hears(channel, newCustomer(), text);
    await eventually("the assistant has answered, or handed over with a word", async () => {
      const messages = await shop.messages(asked);
      return messages.some((one) => one.sender_type === "ai" && one.status === "sent") || null;
    });
  }
  const sent = (await sandbox.sentBy(channel.page_id)).length;
  const page = await open(shop.owner, "/replay");
  await page.getByRole("button", { name: vi("replay:run"), exact: true }).click();
  const list = page.getByRole("list", { name: vi("replay:listLabel") });
  await expect(list.getByRole("listitem")).toHaveCount(2);
  await expect(list).toContainText("95.000");
  await page.goto("/replay");
  await expect(list.getByRole("listitem")).toHaveCount(2);
  await choose(page.getByRole("radio", { name: vi("replay:filters.handover", { count: 1 }) }));
  await expect(list.getByRole("listitem")).toHaveCount(1);
  await expect(list).toContainText(vi("reasons:reason.asks_for_person"));
  expect((await sandbox.sentBy(channel.page_id)).length).toBe(sent);
});

test("an answer in a conversation names the entry that it rests on", async ({ open, shop }) => {
  const channel = await shop.connect();
  const title = "Shop có gói quà không?";
  await shop.api.post("/api/entries", { kind: "faq", title, body: "Dạ shop gói quà miễn phí ạ." });
  const asked = await shop.hears(channel, newCustomer(), "Shop ơi có gói quà không ạ?");
  await eventually("the assistant has answered", async () => {
    return (await shop.messages(asked)).some(({ content }) => content.includes("gói quà miễn phí")) || null;
  });
  const page = await open(shop.owner, `/inbox/${asked.id}`);
  await page.getByRole("button", { name: `${vi("inbox:prov.badge")}: ${vi("inbox:prov.open")}` }).click();
  await expect(page.getByText(vi("entry:used.title"))).toBeVisible();
  await page.getByRole("link", { name: title }).click();
  await expect(page.getByRole("list", { name: vi("knowledge:listLabel") })).toContainText("miễn phí");
});
