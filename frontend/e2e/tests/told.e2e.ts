// What Meta tells of a conversation besides its messages, and what goes out besides texts.
import type { Message } from "@/api/gen/model";
import { Api, eventually } from "../kit/api.ts";
import { Inbox } from "../kit/inbox.ts";
import { lookAt, NARROW, settled, WIDE } from "../kit/look.ts";
import { dress } from "../kit/png.ts";
import { newCustomer, type Shop } from "../kit/shop.ts";
import { expect, test } from "../kit/test.ts";
import { vi } from "../kit/words.ts";

/** Meta's id of a message, once it is known. */
function midOf(shop: Shop, conversation: { id: string }, text: string): Promise<string> {
  return eventually(`“${text}” has Meta's id`, async () => {
    const found = (await shop.messages(conversation)).find(({ content }) => content === text);
    return found?.platform_message_id ?? null;
  });
}

test("reactions, an edit and taking back appear live, and a quote leads to its message", async ({
  open,
  shop,
}) => {
  await shop.withoutAssistant();
  const page = await shop.connect();
  const { page_id } = page;
  const customer = newCustomer();
  const stand = new Api(shop.sandbox.url);
  const tell = (event: object) => stand.post(`/sandbox/customers/${customer}/events`, { page_id, ...event });
  const conversation = await shop.hears(page, customer, "Áo này còn không?");
  const screen = await open(shop.owner, `/inbox/${conversation.id}`);
  const inbox = new Inbox(screen);
  const mid = await midOf(shop, conversation, "Áo này còn không?");
  const message = inbox.message("Áo này còn không?").first();
  await tell({ kind: "reaction", mid, reaction: "love", emoji: "❤" });
  await expect(message.getByRole("list", { name: vi("inbox:message.reactionList") })).toContainText(
    vi("inbox:message.reactionCustomer"),
  );
  await stand.post(`/sandbox/customers/${customer}/messages`, {
    page_id,
    text: "Size M nhé",
    reply_to: { mid },
  });
  const quote = inbox.message("Size M nhé").getByRole("button", { name: vi("inbox:quote.goTo") });
  await quote.click();
  await expect(message).toHaveClass(/in-msg-marked/);
  await tell({ kind: "edit", mid, text: "Váy này còn không?" });
  await expect(
    inbox.thread.getByRole("article").filter({ hasText: vi("inbox:message.edited") }),
  ).toContainText("Váy này còn không?");
  await tell({ kind: "unsend", mid });
  await expect(inbox.message(vi("inbox:message.removed"))).toBeVisible();
});

test("a picture whose address has expired comes back", async ({ open, shop }) => {
  await shop.withoutAssistant();
  const page = await shop.connect();
  const customer = newCustomer();
  const { id } = await shop.hears(page, customer, "Mình gửi ảnh");
  await shop.sandbox.write(page.page_id, customer, "", [await shop.sandbox.keep("image/png", dress())]);
  await eventually("it has arrived", async () => (await shop.messages({ id })).length === 2 || null);
  await new Api(shop.sandbox.url).post("/sandbox/media/expire", {});
  const screen = await open(shop.owner, `/inbox/${id}`);
  const picture = new Inbox(screen).thread.locator(".in-picture img");
  await expect
    .poll(() => picture.evaluate((image: HTMLImageElement) => image.naturalWidth).catch(() => 0))
    .toBeGreaterThan(0);
});

/** The page's echoes have come: one that comes later would settle what a test makes unknown. */
async function echoed(sql: (statement: string) => Promise<string>, channel: string, count: number) {
  const come = `select count(*) from inbox.webhook_items where channel_id = '${channel}' and kind = 'echo'`;
  await eventually(`${count} echoes have come`, async () => Number(await sql(come)) >= count || null);
}

test("a person says what became of a send that nobody knows of", async ({ open, shop, sql }) => {
  await shop.withoutAssistant();
  const page = await shop.connect();
  const { id } = await shop.hears(page, newCustomer(), "Alo shop");
  const screen = await open(shop.owner, `/inbox/${id}`);
  const inbox = new Inbox(screen);
  await inbox.say("Dạ shop đây ạ");
  await expect(inbox.message("Dạ shop đây ạ")).toContainText(vi("inbox:delivery.sent"));
  await echoed(sql, page.channel.id, 1);
  // Minutes of silence from Meta, at once.
  await sql(
    `update inbox.messages set status = 'unknown', needs_decision = true where conversation_id = '${id}' and author is not null`,
  );
  await screen.reload();
  const box = inbox.thread.getByRole("group", { name: vi("inbox:undecided.title") });
  await box.getByRole("button", { name: vi("inbox:undecided.notDelivered") }).click();
  await expect(inbox.thread.getByText(vi("inbox:failure.not_delivered"))).toBeVisible();
  await expect(box).toBeHidden();
});

test("cards and quick replies arrive at the customer", async ({ open, shop }) => {
  await shop.withoutAssistant();
  const page = await shop.connect();
  await shop.product("Áo sơ mi lụa", "320000");
  const customer = newCustomer();
  const { id } = await shop.hears(page, customer, "Có mẫu nào đẹp không?");
  const screen = await open(shop.owner, `/inbox/${id}`);
  const inbox = new Inbox(screen);
  await inbox.composer.getByRole("button", { name: vi("inbox:composer.cards") }).click();
  const dialog = screen.getByRole("dialog");
  await expect(dialog.getByRole("checkbox")).toHaveCount(1);
  await dialog.getByRole("searchbox").press("ArrowDown");
  await screen.keyboard.press("Space");
  await dialog.getByRole("button", { name: vi("inbox:cards.send", { count: 1 }) }).click();
  await expect(inbox.message("Áo sơ mi lụa")).toContainText(vi("inbox:delivery.sent"));
  await inbox.composer.getByRole("button", { name: vi("inbox:composer.sendWith") }).click();
  await screen.getByRole("menuitem", { name: vi("inbox:composer.addQuick") }).click();
  await screen.keyboard.type("Size M");
  await screen.keyboard.press("Enter");
  await screen.keyboard.press("Escape");
  await inbox.composer.locator("textarea").fill("Chị mặc size nào ạ?");
  await inbox.send.click();
  await expect(inbox.message("Chị mặc size nào")).toContainText("Size M");
  const sent = () => shop.sandbox.sentTo(page.page_id, customer);
  await expect.poll(async () => JSON.stringify(await sent())).toContain('"title":"Size M"');
  expect(JSON.stringify(await sent())).toContain('"title":"Áo sơ mi lụa"');
});

test("an address leads far back, and from there to the newest without a gap", async ({ open, shop }) => {
  await shop.withoutAssistant();
  const page = await shop.connect();
  const customer = newCustomer();
  const { id } = await shop.hears(page, customer, "Tin số 0");
  for (let at = 1; at <= 130; at += 1) await shop.sandbox.write(page.page_id, customer, `Tin số ${at}`);
  const all: Message[] = await eventually("all have arrived", async () => {
    const found = await shop.messages({ id });
    return found.length === 131 ? found : null;
  });
  const old = all.find(({ content }) => content === "Tin số 5");
  const screen = await open(shop.owner, `/inbox/${id}?message=${old?.id}`);
  const inbox = new Inbox(screen);
  const exactly = (text: string) => inbox.thread.getByText(text, { exact: true });
  await expect(exactly("Tin số 5")).toBeInViewport();
  await settled(screen);
  await shop.sandbox.write(page.page_id, customer, "Tin mới nhất");
  await inbox.thread.hover();
  const seen = new Set<string>();
  await expect(async () => {
    await screen.mouse.wheel(0, 500);
    for (const text of await inbox.thread.locator(".in-bubble-text").allTextContents()) seen.add(text);
    await expect(exactly("Tin mới nhất")).toBeInViewport({ timeout: 100 });
  }).toPass({ timeout: 60_000 });
  const missed = Array.from({ length: 131 }, (_, at) => `Tin số ${at}`).filter((text) => !seen.has(text));
  expect(missed).toEqual([]);
});

test("another app takes the conversation and gives it back", async ({ open, shop }) => {
  const page = await shop.connect();
  const customer = newCustomer();
  const { id } = await shop.hears(page, customer, "Chào shop");
  const stand = new Api(shop.sandbox.url);
  const screen = await open(shop.owner, `/inbox/${id}`);
  const panel = await new Inbox(screen).details();
  const hand = (more: object) =>
    stand.post(`/sandbox/pages/${page.page_id}/handover`, { customer_id: customer, ...more });
  await hand({ change: "pass", to: "771100223344556" });
  await expect(panel.getByText(vi("inbox:ai.otherAppText"))).toBeVisible();
  await hand({ change: "pass", to: "us" });
  await expect(panel.getByText(vi("inbox:ai.otherAppText"))).toBeHidden();
});

test("all kinds of bubbles can be seen and reached each way", async ({ open, shop, sql }) => {
  await shop.withoutAssistant();
  const page = await shop.connect();
  const { page_id } = page;
  const product = await shop.product("Áo sơ mi lụa cổ vest", "320000");
  const customer = newCustomer();
  const stand = new Api(shop.sandbox.url);
  const write = (more: object) => stand.post(`/sandbox/customers/${customer}/messages`, { page_id, ...more });
  const tell = (more: object) => stand.post(`/sandbox/customers/${customer}/events`, { page_id, ...more });
  const conversation = await shop.hears(page, customer, "Áo này còn không?");
  const { id } = conversation;
  const mid = await midOf(shop, conversation, "Áo này còn không?");
  await tell({ kind: "reaction", mid, reaction: "love", emoji: "❤" });
  await tell({ kind: "reaction", mid, reaction: "like", emoji: "👍", by: "page" });
  await tell({ kind: "edit", mid, text: "Áo lụa này còn không?" });
  await write({ text: "Còn size M không?", reply_to: { mid } });
  await write({ text: "Mẫu này nhé", reply_to: { story: { id: "1", url: `${shop.sandbox.url}/gone` } } });
  await write({
    text: "Mình thấy quảng cáo",
    referral: { source: "ADS", type: "OPEN_THREAD", ad_id: "77", ref: "tet" },
  });
  await tell({ kind: "postback", title: "Bắt đầu", payload: "START" });
  await tell({ kind: "quick_reply", text: "Size M", payload: "M" });
  await tell({ kind: "unsupported" });
  await write({ text: "Thôi" });
  await tell({ kind: "unsend", mid: await midOf(shop, conversation, "Thôi") });
  await stand.post(`/sandbox/pages/${page_id}/echo`, {
    customer_id: customer,
    text: "Chào bạn, đây là bot",
    app: "other_app",
  });
  await shop.api.post(`/api/conversations/${id}/messages`, { product_ids: [product.id] });
  await shop.api.post(`/api/conversations/${id}/messages`, {
    text: "Chị mặc size nào ạ?",
    quick_replies: ["S", "M"],
  });
  await eventually("all was sent", async () => {
    const found = await shop.messages({ id });
    const ours = found.filter(({ author_id }) => author_id);
    return (found.length === 11 && ours.every(({ status }) => status === "sent")) || null;
  });
  // Of the other app's message, of the cards and of the text.
  await echoed(sql, page.channel.id, 3);
  await sql(
    `update inbox.messages set status = 'unknown', needs_decision = true where conversation_id = '${id}' and content like 'Chị mặc%'`,
  );
  const screen = await open(shop.owner, `/inbox/${id}`, { theme: "system" });
  const { thread } = new Inbox(screen);
  await expect(thread.getByRole("group", { name: vi("inbox:undecided.title") })).toBeVisible();
  const sights = [WIDE, NARROW].flatMap((size) =>
    (["light", "dark"] as const).map((theme) => ({ ...size, theme, isSearched: true })),
  );
  await lookAt(screen, "inbox-kinds", sights);
  await screen.setViewportSize(NARROW);
  await thread.evaluate((box) => box.scrollTo(0, 0));
  await lookAt(screen, "inbox-kinds-top", [
    { ...NARROW, theme: "light", isSearched: true },
    { ...NARROW, theme: "dark", isSearched: true },
  ]);
});
