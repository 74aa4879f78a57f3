import { Api, eventually } from "../kit/api.ts";
import { tokenForm } from "../kit/channels.ts";
import { choose, Inbox } from "../kit/inbox.ts";
import { lookAt, NARROW, WIDE } from "../kit/look.ts";
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

test("a page that Meta's policy blocks says so, since when, and what becomes of messages", async ({
  open,
  shop,
  sql,
}) => {
  await shop.withoutAssistant();
  const page = await shop.connect();
  const { channel } = page;
  const { id } = await shop.hears(page, newCustomer(), "Alo shop");
  const stand = new Api(shop.sandbox.url);
  const enforce = async (action: string, kept: string) => {
    await stand.post(`/sandbox/pages/${page.page_id}/policy`, { action, reason: "spam" });
    const policy = `select policy from routing.channels where channel_id = '${channel.id}'`;
    await eventually(`the policy is ${kept}`, async () => (await sql(policy)) === kept || null);
  };
  const sights = [WIDE, NARROW].flatMap((size) =>
    (["light", "dark"] as const).map((theme) => ({ ...size, theme, isSearched: true })),
  );
  const screen = await open(shop.owner, `/inbox/${id}`, { theme: "system" });
  const inbox = new Inbox(screen);
  const [blocked = ""] = vi("inbox:composer.channelBlocked", { name: channel.page_name, when: "|" }).split(
    "|",
  );
  const told = inbox.composer.getByRole("status").filter({ hasText: blocked });
  const card = screen.getByRole("list", { name: vi("channels:listLabel") }).getByRole("listitem");

  await test.step("blocked", async () => {
    await enforce("block", "block");
    await screen.reload();
    await expect(told).toBeVisible();
    await inbox.say("Dạ shop đây");
    await expect(inbox.thread.locator("[data-index]").filter({ hasText: "Dạ shop đây" })).toContainText(
      vi("inbox:held.blocked", { name: channel.page_name }),
    );
    await lookAt(screen, "inbox-blocked", sights);
    await told.getByRole("link", { name: vi("inbox:composer.toChannels") }).click();
    await expect(card).toContainText(vi("channels:state.blocked"));
    await expect(card).toContainText(vi("channels:waiting"));
    await lookAt(screen, "channels-blocked", sights);
  });

  await test.step("warned", async () => {
    await enforce("warning", "warning");
    await screen.reload();
    await expect(card).toContainText(vi("channels:state.ok"));
    const [, warned = ""] = vi("channels:policy.warned", { when: "|" }).split("|");
    await expect(card).toContainText(warned);
    await lookAt(screen, "channels-warned", sights);
  });

  await test.step("nothing is said of it any more", async () => {
    await screen.goto(`/inbox/${id}`);
    await expect(inbox.message("Dạ shop đây")).toBeVisible();
    await expect(told).toBeHidden();
  });
});

test("lists that do not come are missed in the details, not silently", async ({ open, shop }) => {
  await shop.withoutAssistant();
  const page = await shop.connect();
  const { id } = await shop.hears(page, newCustomer(), "Alo shop");
  const screen = await open(shop.owner, "/products", { theme: "system" });
  const lists = /\/api\/(?:labels|members|channels)(?:\?|$)/;
  await screen.route(lists, (route) => route.fulfill({ status: 500, json: { code: "internal" } }));
  await screen.goto(`/inbox/${id}?details=1`);
  const panel = await new Inbox(screen).details();
  const missing = ["labels.failed", "panel.membersFailed", "panel.channelsFailed"].map((key) =>
    panel.getByRole("alert").filter({ hasText: vi(`inbox:${key}`) }),
  );
  for (const one of missing) await expect(one).toBeVisible();
  await lookAt(screen, "inbox-lists-missing", [
    { ...WIDE, theme: "light", isSearched: true },
    { ...WIDE, theme: "dark", isSearched: true },
  ]);
  await screen.unroute(lists);
  for (const one of missing) {
    await expect(async () => {
      const again = one.getByRole("button", { name: vi("common:retry") });
      if (await again.isVisible()) await again.click({ timeout: 1_000 });
      await expect(one).toHaveCount(0, { timeout: 2_000 });
    }).toPass({ timeout: 60_000 });
  }
});
