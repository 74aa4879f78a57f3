import { eventually } from "../kit/api.ts";
import { tokenForm } from "../kit/channels.ts";
import { choose } from "../kit/inbox.ts";
import { newCustomer, newEmail, PASSWORD } from "../kit/shop.ts";
import { expect, test } from "../kit/test.ts";
import { vi } from "../kit/words.ts";

/** What a server answers whose operator has not set up any mail. */
const NO_MAIL = { type: "about:blank", title: "mail_off", status: 409, code: "mail_off" };

test("channels: a wrong token, a page that is taken, reconnecting and leaving", async ({
  open,
  shop,
  newShop,
}) => {
  const taken = await (await newShop("Tiệm khác")).connect();
  const free = shop.freePage("instagram");
  const page = await open(shop.owner, "/channels");
  const dialog = page.getByRole("dialog");
  const submit = dialog.getByRole("button", { name: vi("channels:form.submit"), exact: true });
  const token = dialog.getByLabel(vi("channels:form.token"), { exact: true });

  await tokenForm(page, "facebook");
  await dialog.getByLabel(vi("channels:form.pageId")).fill(taken.page_id);
  await token.fill(taken.access_token);
  await submit.click();
  await expect(dialog).toContainText(vi("channels:problems.page_taken"));
  await expect(dialog.getByLabel(vi("channels:form.pageId"))).toHaveValue(taken.page_id);
  await page.keyboard.press("Escape");
  await expect(dialog).toBeHidden();

  await tokenForm(page, "instagram");
  await dialog.getByLabel(vi("channels:form.accountId")).fill(free.page_id);
  await token.fill("IGAAkhongdung");
  await submit.click();
  await expect(dialog).toContainText(vi("channels:problems.token_rejected"));
  await token.fill(free.access_token);
  await submit.click();
  const card = page.getByRole("list", { name: vi("channels:listLabel") }).getByRole("listitem");
  await expect(card).toContainText(vi("channels:state.ok"));

  await card.getByRole("button", { name: new RegExp(`^${vi("channels:disconnect")}`) }).click();
  await expect(dialog.getByRole("button", { name: vi("channels:leave.submit") })).toBeDisabled();
  await dialog.getByRole("textbox").fill(vi("channels:leave.word"));
  await dialog.getByRole("button", { name: vi("channels:leave.submit") }).click();
  const past = page.getByRole("list", { name: vi("channels:pastLabel") }).getByRole("listitem");
  await expect(past).toContainText(vi("channels:state.inactive"));
  await expect(past.getByRole("button", { name: new RegExp(`^${vi("channels:reconnect")}`) })).toBeVisible();
  await tokenForm(page, "instagram");
  await dialog.getByLabel(vi("channels:form.accountId")).fill(free.page_id);
  await token.fill(free.access_token);
  await submit.click();
  await expect(card).toContainText(vi("channels:state.ok"));
});

test("settings: a profile, the assistant, saved replies, the team, a password", async ({ open, shop }) => {
  const page = await open(shop.owner, "/settings");
  const save = page.getByRole("button", { name: vi("common:save"), exact: true });
  const section = (name: string) =>
    page
      .getByRole("navigation", { name: vi("settings:navLabel") })
      .getByRole("link", { name: vi(`settings:sections.${name}`) });

  await test.step("profile", async () => {
    const name = page.getByLabel(vi("settings:profile.name"));
    await name.fill("");
    await save.first().click();
    await expect(page.getByText(vi("settings:profile.nameMissing"))).toBeVisible();
    await name.fill("Chị Hoa");
    await save.first().click();
    await expect(page.getByRole("button", { name: /Chị Hoa/ })).toBeVisible();
  });

  await test.step("assistant", async () => {
    await section("assistant").click();
    const policies = page.getByLabel(vi("settings:assistant.policies"));
    await policies.fill("Giao hàng toàn quốc 30.000 ₫.");
    await save.click();
    await expect(save).toBeDisabled();
    await page.reload();
    await expect(policies).toHaveValue("Giao hàng toàn quốc 30.000 ₫.");
  });

  await test.step("saved replies", async () => {
    await section("replies").click();
    await page
      .getByRole("button", { name: vi("settings:replies.add") })
      .first()
      .click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel(vi("settings:replies.shortcut")).fill("phi ship");
    await dialog.getByLabel(vi("settings:replies.text"), { exact: true }).fill("Phí ship 30.000 ₫ ạ");
    await dialog.getByRole("button", { name: vi("common:save") }).click();
    await expect(dialog).toContainText(vi("settings:replies.shortcutWrong"));
    await dialog.getByLabel(vi("settings:replies.shortcut")).fill("phi-ship");
    await dialog.getByRole("button", { name: vi("common:save") }).click();
    const list = page.getByRole("list", { name: vi("settings:replies.listLabel") });
    await expect(list).toContainText("phi-ship");
    await page
      .getByRole("button", { name: vi("settings:replies.deleteNamed", { shortcut: "phi-ship" }) })
      .click();
    await expect(page.getByText(vi("settings:replies.empty"))).toBeVisible();
    await page.getByRole("button", { name: vi("common:undo") }).click();
    await expect(list).toContainText("phi-ship");
  });

  await test.step("team", async () => {
    await section("team").click();
    await page.getByRole("button", { name: vi("settings:invitations.invite") }).click();
    const dialog = page.getByRole("dialog");
    const email = dialog.getByLabel(vi("settings:team.email"));
    const submit = dialog.getByRole("button", { name: vi("settings:invitations.submit"), exact: true });
    await email.fill(shop.owner.email);
    await submit.click();
    await expect(dialog).toContainText(vi("errors:email_in_use"));
    const invited = newEmail();
    await email.fill(invited);
    await submit.click();
    const open = page.getByRole("list", { name: vi("settings:invitations.title") });
    await expect(open).toContainText(invited);
  });

  await test.step("the team of a house without mail", async () => {
    await page.route("**/api/team/invitations", (route) =>
      route.request().method() === "POST"
        ? route.fulfill({ status: 409, contentType: "application/problem+json", json: NO_MAIL })
        : route.fallback(),
    );
    await page.getByRole("button", { name: vi("settings:invitations.invite") }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel(vi("settings:team.email")).fill(newEmail());
    await dialog.getByRole("button", { name: vi("settings:invitations.submit"), exact: true }).click();
    await expect(dialog).toContainText(vi("errors:mail_off"));
    await dialog.getByRole("button", { name: vi("settings:team.add"), exact: true }).click();
    await dialog.getByLabel(vi("settings:team.email")).fill(newEmail());
    await dialog.getByLabel(new RegExp(`^${vi("settings:team.name")}`)).fill("Lan");
    await dialog.getByLabel(vi("settings:team.password")).fill(PASSWORD);
    await dialog.getByRole("button", { name: vi("settings:team.submit"), exact: true }).click();
    await expect(page.getByRole("list", { name: vi("settings:team.listLabel") })).toContainText("Lan");
  });

  await test.step("password", async () => {
    await section("security").click();
    const form = page.getByRole("form", { name: vi("security:password.title") });
    const current = form.getByLabel(vi("security:password.current"));
    await current.fill("khong phai");
    await form.getByLabel(vi("security:password.new"), { exact: true }).fill("mat khau moi hon");
    await form.getByRole("button", { name: vi("security:password.submit") }).click();
    await expect(form.getByText(vi("errors:field.current_password.wrong"))).toBeVisible();
    await current.fill(shop.owner.password);
    await form.getByRole("button", { name: vi("security:password.submit") }).click();
    await expect(page.getByText(vi("security:password.done"))).toBeVisible();
  });

  await test.step("appearance", async () => {
    await section("appearance").click();
    await choose(page.getByRole("radio", { name: vi("settings:appearance.themes.dark") }));
    await expect(page.locator("html")).toHaveAttribute("data-theme", "dark");
    const sound = page.getByRole("switch", { name: vi("settings:appearance.soundLabel") });
    await expect(sound).not.toBeChecked();
    await sound.click();
    await expect(sound).toBeChecked();
    await page.getByRole("radio", { name: vi("common:language.en") }).click();
    await expect(page.locator("html")).toHaveAttribute("lang", "en");
    await expect(page.getByRole("heading", { name: "Settings", level: 1 })).toBeVisible();
  });
});

test("the assistant is tried, and nothing is sent", async ({ open, shop, sandbox }) => {
  const channel = await shop.connect();
  await shop.product("Túi vải canvas", "95000");
  const page = await open(shop.owner, "/preview");
  const log = page.getByRole("list", { name: vi("preview:logLabel") });
  await page.getByLabel(vi("preview:question")).fill("Túi vải canvas giá bao nhiêu vậy shop?");
  await page.keyboard.press("Enter");
  await expect(log).toContainText("95.000");
  await expect(log).toContainText(vi("preview:facts.answered"));
  await expect(log.getByRole("link", { name: "Túi vải canvas" })).toBeVisible();
  await page.getByLabel(vi("preview:question")).fill("Cho mình gặp nhân viên");
  await page.getByRole("button", { name: vi("preview:ask"), exact: true }).click();
  await expect(log).toContainText(vi("reasons:reason.asks_for_person"));
  const { items } = await shop.api.get<{ items: unknown[] }>("/api/conversations");
  expect(items).toEqual([]);
  expect(await sandbox.sentBy(channel.page_id)).toEqual([]);
});

test("the dashboard counts what happened", async ({ open, shop }) => {
  const channel = await shop.connect();
  await shop.product("Áo thun đỏ", "150000");
  const asked = await shop.hears(channel, newCustomer(), "Áo thun đỏ giá bao nhiêu?");
  await eventually("the assistant has answered", async () => {
    return (
      (await shop.messages(asked)).some((one) => one.sender_type === "ai" && one.status === "sent") || null
    );
  });
  const person = await shop.hears(channel, newCustomer(), "Cho mình gặp nhân viên");
  await eventually("the assistant has handed over", async () => {
    return (await shop.conversation(person.id)).status === "needs_human" || null;
  });
  await shop.api.post(`/api/conversations/${person.id}/messages`, { text: "Dạ em nghe ạ" });
  const page = await open(shop.owner, "/dashboard");
  const figures = page.getByRole("region", { name: vi("dashboard:figuresLabel") });
  await expect(figures).toContainText(`${vi("dashboard:figures.conversations")}2`);
  await expect(page.getByText(vi("reasons:reason.asks_for_person"))).toBeVisible();
  await choose(page.getByRole("radio", { name: vi("dashboard:presets.own") }));
  await page.getByLabel(vi("dashboard:own.from")).fill("2026-02-02");
  await page.getByLabel(vi("dashboard:own.to")).fill("2026-02-01");
  await page.getByRole("button", { name: vi("dashboard:own.show"), exact: true }).click();
  await expect(page.getByText(vi("dashboard:own.order"))).toBeVisible();
  await page.getByLabel(vi("dashboard:own.to")).fill("2026-02-03");
  await page.getByRole("button", { name: vi("dashboard:own.show"), exact: true }).click();
  await expect(page.getByText(vi("dashboard:empty.title"))).toBeVisible();
  // Not of today alone: in the shop's zone it may have become tomorrow since.
  await choose(page.getByRole("radio", { name: vi("dashboard:presets.7"), exact: true }));
  await expect(figures).toContainText(`${vi("dashboard:figures.messages_in")}2`);
});
