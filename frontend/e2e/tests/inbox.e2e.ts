import { eventually } from "../kit/api.ts";
import { choose, Inbox } from "../kit/inbox.ts";
import { NARROW, settled, still } from "../kit/look.ts";
import { newCustomer } from "../kit/shop.ts";
import { expect, test } from "../kit/test.ts";
import { vi } from "../kit/words.ts";

test("filters and search find conversations", async ({ open, shop }) => {
  await shop.withoutAssistant();
  const page = await shop.connect();
  const [jean, refund, thanks] = [newCustomer(), newCustomer(), newCustomer()];
  await shop.hears(page, jean, "Quần jean xanh ống rộng còn không shop?");
  const mine = await shop.hears(page, refund, "Mình muốn đổi trả đơn hôm qua");
  const closed = await shop.hears(page, thanks, "Cảm ơn shop nhiều");
  await shop.api.patch(`/api/conversations/${mine.id}`, { assignee_id: shop.owner.session.user.id });
  await shop.api.patch(`/api/conversations/${closed.id}`, { status: "closed" });
  const screen = await open(shop.owner, "/inbox");
  const inbox = new Inbox(screen);
  const rows = inbox.list.getByRole("listitem");

  await expect(rows).toHaveCount(2);
  await inbox.choose("mine");
  await expect(rows).toHaveCount(1);
  await expect(inbox.row("đổi trả")).toBeVisible();
  await expect(screen).toHaveURL(/filter=mine/);
  await inbox.choose("closed");
  await expect(inbox.row("Cảm ơn shop")).toBeVisible();
  await inbox.choose("closing_soon");
  await expect(screen.getByText(vi("inbox:empty.closing_soon"))).toBeVisible();
  await screen
    .getByRole("button", { name: vi("inbox:filter.clear") })
    .last()
    .click();
  await expect(rows).toHaveCount(2);

  await inbox.search.fill("quan jean");
  await expect(rows).toHaveCount(1);
  await expect(inbox.row(/jean/).locator("mark").first()).toHaveText(/quần|jean/i);
  await inbox.row(/jean/).click();
  await expect(inbox.message("Quần jean xanh")).toBeVisible();
  await screen.reload();
  await expect(inbox.search).toHaveValue("quan jean");
  await inbox.search.fill("khong co gi");
  await expect(screen.getByText(vi("inbox:empty.searchTitle"))).toBeVisible();
});

test("filters that have no room are reached by key and by wheel", async ({ open, shop }) => {
  const screen = await open(shop.owner, "/inbox", { viewport: NARROW });
  const inbox = new Inbox(screen);
  await inbox.filter("open").focus();
  for (const name of ["unread", "mine", "needs_human", "ai", "closing_soon", "closed", "all"]) {
    await screen.keyboard.press("ArrowRight");
    await expect(inbox.filter(name)).toBeChecked();
    await expect(inbox.filter(name)).toBeFocused();
    await expect(inbox.filter(name)).toBeInViewport({ ratio: 0.95 });
  }
  await expect(inbox.filter("open")).not.toBeInViewport();
  await inbox.filter("all").hover();
  await screen.mouse.wheel(0, -2_000);
  await expect(inbox.filter("open")).toBeInViewport({ ratio: 0.95 });
});

test("drafts outlive a reload, and Enter never sends while a word is composed", async ({ open, shop }) => {
  await shop.withoutAssistant();
  const page = await shop.connect();
  const customer = newCustomer();
  const first = await shop.hears(page, customer, "Chào shop");
  await shop.hears(page, newCustomer(), "Có ai không ạ?");
  await shop.api.post("/api/saved-replies", {
    shortcut: "ship",
    text: "Shop giao toàn quốc, phí 30.000 ₫ ạ.",
  });
  const screen = await open(shop.owner, `/inbox/${first.id}`);
  const inbox = new Inbox(screen);

  await test.step("a draft stays with its conversation", async () => {
    await inbox.text.fill("Dạ shop đây");
    await inbox.row("Có ai không").click();
    await expect(inbox.message("Có ai không")).toBeVisible();
    await expect(inbox.text).toHaveValue("");
    await expect(inbox.row("Chào shop")).toContainText(vi("inbox:list.draft"));
    await screen.reload();
    await inbox.row("Chào shop").click();
    await expect(inbox.text).toHaveValue("Dạ shop đây");
  });

  await test.step("Enter belongs to the word that is composed", async () => {
    await inbox.text.fill("Còn hàng ");
    const keyboard = await screen.context().newCDPSession(screen);
    await keyboard.send("Input.imeSetComposition", { text: "nhe", selectionStart: 3, selectionEnd: 3 });
    await keyboard.send("Input.imeSetComposition", { text: "nhé", selectionStart: 3, selectionEnd: 3 });
    await screen.keyboard.press("Enter");
    await expect(inbox.text).toHaveValue(/^Còn hàng nhé/);
    await keyboard.send("Input.insertText", { text: "nhé" });
    await expect(inbox.message("Còn hàng nhé")).toHaveCount(0);
    await screen.keyboard.press("Enter");
    await expect(inbox.message("Còn hàng nhé")).toContainText(vi("inbox:delivery.sent"));
    await expect(inbox.text).toHaveValue("");
    const sent = await shop.sandbox.sentTo(page.page_id, customer);
    expect(sent.map(({ text }) => text?.trim())).toEqual(["Còn hàng nhé"]);
  });

  await test.step("a saved reply comes with /", async () => {
    await inbox.text.pressSequentially("/shi");
    await expect(screen.getByRole("listbox", { name: vi("inbox:composer.replies") })).toContainText("30.000");
    await screen.keyboard.press("Enter");
    await expect(inbox.text).toHaveValue("Shop giao toàn quốc, phí 30.000 ₫ ạ.");
    await screen.keyboard.press("Shift+Enter");
    await expect(inbox.text).toHaveValue(/ạ\.\n$/);
    await inbox.send.click();
    await expect(inbox.message("giao toàn quốc")).toContainText(vi("inbox:delivery.sent"));
  });
});

test("notes, labels, an assignee, closing and opening again", async ({ open, shop }) => {
  await shop.withoutAssistant();
  const page = await shop.connect();
  const customer = newCustomer();
  const { id } = await shop.hears(page, customer, "Đơn của mình tới đâu rồi?");
  const screen = await open(shop.owner, `/inbox/${id}`);
  const inbox = new Inbox(screen);
  const row = inbox.row(/Đơn của mình|Khách/);

  await test.step("a note is for colleagues only", async () => {
    await choose(inbox.composer.getByRole("radio", { name: vi("inbox:composer.note") }));
    await inbox.text.fill("Gọi bên vận chuyển");
    await inbox.composer.getByRole("button", { name: vi("inbox:composer.saveNote") }).click();
    const note = inbox.thread.getByRole("article", { name: vi("inbox:note.label") });
    await expect(note).toContainText("Gọi bên vận chuyển");
    expect(await shop.sandbox.sentTo(page.page_id, customer)).toEqual([]);
    await note.getByRole("button", { name: vi("inbox:note.delete") }).click();
    await screen
      .getByRole("dialog")
      .getByRole("button", { name: vi("common:delete") })
      .click();
    await expect(note).toHaveCount(0);
  });

  await test.step("a new label", async () => {
    const panel = await inbox.details();
    await panel.getByRole("textbox", { name: vi("inbox:labels.search") }).fill("Khách quen");
    await screen.keyboard.press("Enter");
    await expect(
      panel.getByRole("button", { name: vi("inbox:labels.remove", { name: "Khách quen" }) }),
    ).toBeVisible();
    await expect(row).toContainText("Khách quen");
    await screen.getByRole("combobox", { name: vi("inbox:filter.label") }).selectOption("Khách quen");
    await expect(inbox.list.getByRole("listitem")).toHaveCount(1);
  });

  await test.step("somebody looks after it", async () => {
    await inbox.panel.getByRole("button", { name: vi("inbox:actions.assignMe") }).click();
    await eventually("it is assigned", async () => {
      return (await shop.conversation(id)).assignee_id === shop.owner.session.user.id || null;
    });
    await expect(inbox.filter("mine")).toHaveAccessibleName(/1/);
  });

  await test.step("closed, and open again when the customer writes", async () => {
    await screen.getByRole("button", { name: vi("inbox:actions.closeFull") }).click();
    await expect(screen.getByRole("button", { name: vi("inbox:actions.reopenFull") })).toBeVisible();
    await eventually("it is closed", async () => (await shop.conversation(id)).status === "closed" || null);
    await shop.sandbox.write(page.page_id, customer, "Shop ơi?");
    await expect(inbox.message("Shop ơi?")).toBeVisible();
    await expect(screen.getByRole("button", { name: vi("inbox:actions.closeFull") })).toBeVisible();
  });
});

test("taking a closing back restores who looked after the customer", async ({ open, shop }) => {
  const page = await shop.connect();
  const { id } = await shop.hears(page, newCustomer(), "Cho mình gặp nhân viên");
  await eventually("the assistant has handed over", async () => {
    return (await shop.conversation(id)).status === "needs_human" || null;
  });
  const before = await shop.conversation(id);
  const screen = await open(shop.owner, `/inbox/${id}`);
  await screen.getByRole("button", { name: vi("inbox:actions.closeFull") }).click();
  // Offered for some seconds only, once the server has closed it.
  await screen.getByRole("button", { name: vi("common:undo") }).click();
  await expect(screen.getByRole("button", { name: vi("inbox:actions.closeFull") })).toBeVisible();
  const after = await eventually("it is open again", async () => {
    const now = await shop.conversation(id);
    return now.status === "closed" ? null : now;
  });
  expect([after.status, after.ai.state, after.ai.reason]).toEqual([
    before.status,
    "handed_over",
    "asks_for_person",
  ]);
});

test("unread counts, colleagues at work, and who was quicker", async ({ open, shop }) => {
  await shop.withoutAssistant();
  const page = await shop.connect();
  const customer = newCustomer();
  const { id } = await shop.hears(page, customer, "Alo shop");
  const mine = await open(shop.owner, "/inbox");
  const inbox = new Inbox(mine);
  await expect(mine).toHaveTitle(/^\(1\) /);
  await shop.hears(page, newCustomer(), "Có ai trực không?");
  await expect(mine).toHaveTitle(/^\(2\) /);
  await inbox.row("Alo shop").click();
  await expect(mine).toHaveTitle(/^\(1\) /);

  const lan = await open(await shop.colleague("Lan"), `/inbox/${id}`);
  const theirs = new Inbox(lan);
  await expect(mine.getByText(vi("inbox:thread.viewing", { names: "Lan" }))).toBeVisible();
  // The mark stays for a few seconds only: it is waited for from the first letter on.
  await Promise.all([
    expect(mine.getByText(vi("inbox:thread.typing", { names: "Lan" }))).toBeVisible(),
    theirs.text.pressSequentially("Dạ shop"),
  ]);
  await inbox.text.fill("Mình đang trả lời");
  await theirs.text.press("Enter");
  await expect(inbox.message("Dạ shop")).toContainText("Lan");
  await expect(inbox.composer.getByRole("alert")).toContainText("Lan");

  // Whoever looks at it reads it.
  await lan.close();
  await inbox.text.fill("");
  await inbox.more(vi("inbox:actions.markUnread"));
  await expect(mine).toHaveTitle(/^\(2\) /);
});

const HOSTILE = [
  "<img src=x onerror=\"document.title='hacked'\"><script>document.title='hacked'</script>",
  "javascript:alert(1) data:text/html,<b>x</b> https://an.toan.example/?q=<b>",
  "\u202Eđảo ngược\u202C và \u2066cô lập\u2069 מרחבא",
  "👩‍👩‍👧‍👦".repeat(200),
  `mười nghìn ${"ộ".repeat(9_980)} hết`,
];

test("what customers write and are called is only text", async ({ open, shop }) => {
  await shop.withoutAssistant();
  const page = await shop.connect();
  const customer = newCustomer();
  const { id } = await shop.hears(page, customer, "Xin chào");
  const name = `<b>Vô danh</b>\u202E${"rất dài ".repeat(20)}`;
  await shop.name(customer, name);
  for (const text of HOSTILE) await shop.sandbox.write(page.page_id, customer, text);
  await eventually("all have arrived", async () =>
    (await shop.messages({ id })).length === HOSTILE.length + 1 ? true : null,
  );
  const screen = await open(shop.owner, `/inbox/${id}`);
  const inbox = new Inbox(screen);
  await expect(screen.getByRole("heading", { name: "<b>Vô danh</b>", level: 2 })).toBeVisible();
  await expect(inbox.message("<img src=x onerror=")).toBeVisible();
  await expect(inbox.message("javascript:alert(1)").getByRole("link")).toHaveText(
    /^https:\/\/an\.toan\.example/,
  );
  await expect(inbox.thread.locator("a:not([href^=http])")).toHaveCount(0);
  await expect(inbox.thread.locator(".in-bubble-text :is(img, b, script)")).toHaveCount(0);
  const long = inbox.message("mười nghìn");
  await long.getByRole("button", { name: vi("inbox:message.more") }).click();
  await expect(long.getByRole("button", { name: vi("inbox:message.less") })).toBeVisible();
  await expect(long).toContainText(/ộ hết/);
  await expect(screen).toHaveTitle(/ChatDesk$/);
  const wide = await screen.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  expect(wide, "a long word widens nothing").toBeLessThanOrEqual(0);
});

test("messages that arrive do not move what is read", async ({ open, shop }) => {
  await shop.withoutAssistant();
  const page = await shop.connect();
  const customer = newCustomer();
  const { id } = await shop.hears(page, customer, "Tin số 0");
  for (let at = 1; at <= 60; at += 1) await shop.sandbox.write(page.page_id, customer, `Tin số ${at}`);
  await eventually("all have arrived", async () =>
    (await shop.messages({ id })).length === 61 ? true : null,
  );
  const screen = await open(shop.owner, `/inbox/${id}`);
  const inbox = new Inbox(screen);
  await expect(inbox.thread.getByText("Tin số 60", { exact: true })).toBeVisible();
  await inbox.thread.hover();
  // All of it is loaded before something is measured.
  await expect(async () => {
    await screen.mouse.wheel(0, -1200);
    await expect(inbox.thread.getByText(vi("inbox:thread.start"))).toBeInViewport({ timeout: 1_000 });
  }).toPass();
  await screen.mouse.wheel(0, 500);
  const jump = screen.getByRole("button", { name: vi("inbox:thread.jump") });
  await expect(jump).toBeVisible();
  await settled(screen);
  await still(inbox.thread);
  const read = await inbox.thread.evaluate(topmost);
  await shop.sandbox.write(page.page_id, customer, "Tin mới nhất");
  const news = screen.getByRole("button", { name: vi("inbox:thread.jumpNew", { count: 1 }) });
  await expect(news).toBeVisible();
  await still(inbox.thread);
  expect(await inbox.thread.evaluate(topmost), "what is read stays where it is").toEqual(read);
  await news.click();
  await expect(inbox.message("Tin mới nhất")).toBeVisible();
});

/** The first message on screen, and where it is. */
function topmost(box: Element): { id: string | null; top: number } {
  const { top: edge } = box.getBoundingClientRect();
  const all = Array.from(box.querySelectorAll("[data-message]"));
  const first = all.find((one) => one.getBoundingClientRect().top >= edge);
  return {
    id: first?.getAttribute("data-message") ?? null,
    top: Math.round(first?.getBoundingClientRect().top ?? 0),
  };
}
