import { randomBytes, randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import type { Page } from "@playwright/test";
import { Api } from "../kit/api.ts";
import { Inbox } from "../kit/inbox.ts";
import { lookAt, NARROW, WIDE } from "../kit/look.ts";
import { newCustomer, platformAdmin, type Shop } from "../kit/shop.ts";
import { expect, test } from "../kit/test.ts";
import { Authenticator } from "../kit/totp.ts";
import { vi } from "../kit/words.ts";

const SIGHTS = [WIDE, NARROW].flatMap((size) =>
  (["light", "dark"] as const).map((theme) => ({ ...size, theme, isSearched: true })),
);

/** A name that no other business has. */
function named(name: string): string {
  return `${name} ${randomBytes(4).toString("hex")}`;
}

function idOf({ owner }: Shop): string {
  return owner.session.user.business_id ?? "";
}

async function dialogOf(page: Page, button: string) {
  await page.getByRole("button", { name: vi(button), exact: true }).click();
  return page.getByRole("dialog");
}

test("a platform admin logs in with a code; the console is nobody else's", async ({
  open,
  shop,
  run,
  home,
}) => {
  const admin = run.logins.find(({ role }) => role === "admin");
  const authenticator = new Authenticator(home, admin?.totp_secret ?? "");
  const page = await open(null, "/login", { theme: "system" });
  await page.getByLabel(vi("auth:field.email")).fill(admin?.email ?? "");
  await page.getByLabel(vi("auth:field.password"), { exact: true }).fill(admin?.password ?? "");
  await page.getByRole("button", { name: vi("auth:login.submit"), exact: true }).click();
  const code = page.getByLabel(vi("auth:field.code"));
  await expect(code).toBeFocused();
  await lookAt(page, "login-code", SIGHTS);
  await code.fill(await authenticator.code());
  await code.press("Enter");
  await expect(page).toHaveURL(/\/admin\/tenants$/);
  await expect(page.getByRole("navigation", { name: vi("console:navLabel") })).toBeVisible();
  await page.goto("/inbox");
  await expect(page).toHaveURL(/\/admin\/tenants$/);

  const theirs = await open(shop.owner, "/admin");
  await expect(theirs.getByText(vi("console:notAllowed.title"))).toBeVisible();
  await theirs.getByRole("link", { name: vi("console:notAllowed.inbox") }).click();
  await expect(theirs).toHaveURL(/\/inbox$/);
});

test("businesses are found by name, person, page and state", async ({ open, admin, newShop }) => {
  const name = named("Gốm Bàu Trúc");
  const shop = await newShop(name);
  const channel = await shop.connect();
  const page = await open(admin, "/admin");
  const search = page.getByRole("searchbox", { name: vi("console:tenants.search") });
  const list = page.getByRole("list", { name: vi("console:nav.tenants") });
  const found = list.getByRole("listitem");
  const plain = name.replace("Gốm Bàu Trúc", "gom bau truc");
  for (const q of [plain, shop.owner.email, channel.page_id, idOf(shop)]) {
    await search.fill(q);
    await search.press("Enter");
    await expect(page).toHaveURL((url) => url.searchParams.get("q") === q);
    await expect(found).toHaveCount(1);
    await expect(found).toContainText(name);
  }
  await page.reload();
  await expect(search).toHaveValue(idOf(shop));
  await page.getByLabel(vi("console:tenants.state")).selectOption("suspended");
  await expect(page.getByText(vi("console:tenants.none"))).toBeVisible();
  await page.getByLabel(vi("console:tenants.state")).selectOption("active");
  await page.getByRole("link", { name }).click();
  await expect(page).toHaveURL(new RegExp(`/admin/tenants/${idOf(shop)}$`));
  await expect(page.getByText(channel.page_id)).toBeVisible();
});

test("a suspended shop is told why, loses its socket, and works again when it is resumed", async ({
  open,
  admin,
  newShop,
}) => {
  const name = named("Tiệm Tạm Ngưng");
  const shop = await newShop(name);
  await shop.withoutAssistant();
  const channel = await shop.connect();
  const customer = newCustomer();
  const { id } = await shop.hears(channel, customer, "Shop ơi");
  const theirs = await open(shop.owner, `/inbox/${id}`, { theme: "system" });
  const inbox = new Inbox(theirs);
  const page = await open(admin, `/admin/tenants/${idOf(shop)}`, { theme: "system" });
  const reason = "Gửi tin hàng loạt";
  const told = theirs.getByText(vi("notices:notice.suspended", { reason }));
  const opened = theirs.waitForEvent("websocket");
  await theirs.reload();
  const socket = await opened;
  await expect(inbox.message("Shop ơi")).toBeVisible();

  await test.step("only with the name typed and a reason", async () => {
    const dialog = await dialogOf(page, "console:suspend.open");
    const submit = dialog.getByRole("button", { name: vi("console:suspend.submit"), exact: true });
    await expect(submit).toBeDisabled();
    await dialog.getByLabel(vi("console:reason"), { exact: true }).fill(reason);
    await expect(submit).toBeDisabled();
    await dialog.getByLabel(vi("console:suspend.type", { name })).fill(name);
    await lookAt(page, "console-suspend", SIGHTS);
    await submit.click();
    await expect(dialog).toBeHidden();
    await expect(page.getByText(vi("console:state.suspended"), { exact: true })).toBeVisible();
  });
  await test.step("its people read it at once, and what is written to it is kept", async () => {
    await expect.poll(() => socket.isClosed()).toBe(true);
    await expect(told).toBeVisible();
    await expect(theirs.locator(".app-banner")).toHaveCount(1);
    await lookAt(theirs, "shop-suspended", SIGHTS);
    await shop.hears(channel, customer, "Shop có đó không?");
    await inbox.say("Dạ shop nghe");
    await expect(inbox.message("Dạ shop nghe")).toContainText(vi("inbox:failure.tenant_suspended"));
    expect(await shop.sandbox.sentTo(channel.page_id, customer)).toEqual([]);
  });
  await test.step("resumed, it is live again", async () => {
    const dialog = await dialogOf(page, "console:resume.open");
    await dialog.getByRole("button", { name: vi("console:resume.open"), exact: true }).click();
    await expect(dialog).toBeHidden();
    await expect(page.getByText(vi("console:state.active"), { exact: true })).toBeVisible();
    // The app knocks twice a minute, and calls a connection one only once it has held.
    await expect(told).toBeHidden({ timeout: 60_000 });
    await shop.sandbox.write(channel.page_id, customer, "Shop mở lại chưa?");
    await expect(inbox.message("Shop mở lại chưa?")).toBeVisible();
    const again = inbox.message("Dạ shop nghe").getByRole("button", { name: vi("inbox:failure.retry") });
    await again.click();
    await expect.poll(async () => (await shop.sandbox.sentTo(channel.page_id, customer)).length).toBe(1);
  });
  await test.step("both are in the shop's own records", async () => {
    await theirs.goto("/settings/audit");
    const records = theirs.getByRole("list", { name: vi("audit:listLabel") }).getByRole("listitem");
    const suspended = records.filter({ hasText: vi("audit:action.tenant.suspended") });
    await expect(suspended).toContainText(vi("audit:actor.admin"));
    await expect(records.filter({ hasText: vi("audit:action.tenant.resumed") })).toHaveCount(1);
  });
});

test("an admin looks into a shop, which is told, and changes nothing", async ({ open, admin, newShop }) => {
  const name = named("Tiệm Được Thăm");
  const shop = await newShop(name);
  await shop.withoutAssistant();
  const channel = await shop.connect();
  const { id } = await shop.hears(channel, newCustomer(), "Chào shop");
  const theirs = await open(shop.owner, "/products");
  const page = await open(admin, `/admin/tenants/${idOf(shop)}`, { theme: "system" });
  const reason = "Khách báo không nhận được tin";

  await test.step("with a reason, for a while", async () => {
    const dialog = await dialogOf(page, "console:enter.open");
    const submit = dialog.getByRole("button", { name: vi("console:enter.submit"), exact: true });
    await expect(submit).toBeDisabled();
    await dialog.getByLabel(vi("console:reason"), { exact: true }).fill(reason);
    await submit.click();
    await expect(page).toHaveURL(/\/inbox$/);
  });
  const banner = page.getByRole("region", { name: vi("notices:visit.label") });
  await test.step("looking around", async () => {
    await expect(banner).toContainText(name);
    await expect(banner).toContainText(reason);
    await page.goto(`/inbox/${id}`);
    const inbox = new Inbox(page);
    await expect(inbox.message("Chào shop")).toBeVisible();
    await expect(page.getByText(vi("inbox:composer.viewer"))).toBeVisible();
    await lookAt(page, "visit", SIGHTS);
    await page.goto("/settings");
    const sections = page.getByRole("navigation", { name: vi("settings:navLabel") });
    await expect(sections.getByRole("link", { name: vi("settings:sections.assistant") })).toBeVisible();
    for (const section of ["profile", "team", "security", "audit", "privacy"]) {
      await expect(
        sections.getByRole("link", { name: vi(`settings:sections.${section}`), exact: true }),
      ).toHaveCount(0);
    }
  });
  await test.step("the shop reads who looks, and why", async () => {
    await theirs.reload();
    await expect(theirs.getByText(reason)).toBeVisible();
    const { subject } = await shop.sandbox.mailTo(shop.owner.email, reason);
    expect(subject).toBe("Quản trị viên đang xem dữ liệu cửa hàng");
  });
  await test.step("leaving leads back to the console, where the visit is noted", async () => {
    await banner.getByRole("button", { name: vi("notices:visit.leave") }).click();
    await expect(page).toHaveURL(new RegExp(`/admin/tenants/${idOf(shop)}$`));
    const visits = page.getByRole("listitem").filter({ hasText: reason });
    await expect(visits).toContainText(admin.email);
    await page.goto("/inbox");
    await expect(page).toHaveURL(/\/admin\/tenants$/);
    await theirs.goto("/settings/audit");
    const records = theirs.getByRole("list", { name: vi("audit:listLabel") });
    await expect(records.getByText(vi("audit:action.tenant.entered"))).toBeVisible();
  });
});

test("a shop reads of all visits in one line", async ({ open, shop, run, home }) => {
  const { session, cookie } = await platformAdmin(run, home);
  const api = new Api(run.api_url, session.access_token);
  for (const reason of ["Kênh báo lỗi", "Đối soát hóa đơn tháng 11", "Khách hỏi về tin bị mất"]) {
    await api.post(`/api/admin/tenants/${idOf(shop)}/enter`, { reason });
  }
  const page = await open(shop.owner, "/products", { theme: "system" });
  const banner = page.locator(".app-banner");
  const line = banner.locator("summary");
  await expect(line).toContainText("Khách hỏi về tin bị mất");
  await expect(banner).toHaveCount(1);
  await lookAt(page, "visits", SIGHTS);
  await line.click();
  await expect(banner.getByRole("listitem")).toHaveCount(3);
  await expect(banner.getByRole("listitem").last()).toContainText("Kênh báo lỗi");
  await lookAt(page, "visits-open", SIGHTS);

  const headers = { cookie: cookie ?? "", "x-cd-csrf": "1", origin: run.api_url };
  const left = await fetch(`${run.api_url}/api/auth/logout`, { method: "POST", headers });
  expect(left.status).toBe(204);
  await expect(async () => {
    const told = page.waitForResponse("**/api/notices");
    await page.reload();
    expect(await (await told).json()).toEqual({ items: [], next_cursor: null });
  }).toPass({ timeout: 30_000 });
  await expect(banner).toHaveCount(0);
});

test("failed work is looked at, tried again and given up", async ({ open, admin, shop, sql }) => {
  const tenant = idOf(shop);
  const setAside = (kind: string) =>
    sql(
      `insert into routing.due_work (kind, tenant_id, entity_id, due_at, attempts, last_error, failed_at)
       values ('${kind}', '${tenant}', '${randomUUID()}', 'infinity', 8, 'unavailable', now())`,
    );
  const left = (kind: string) =>
    sql(
      `select count(*) from routing.due_work where kind = '${kind}' and tenant_id = '${tenant}' and due_at = 'infinity'`,
    );
  for (const kind of ["redrive", "redrive", "profile"]) await setAside(kind);
  const page = await open(admin, "/admin/work", { theme: "system" });
  const kinds = page.getByLabel(vi("console:work.kind"), { exact: true });
  const list = page.getByRole("list", { name: vi("console:nav.work") }).getByRole("listitem");
  const decide = async (verdict: "retry" | "discard", count: number) => {
    await page.getByRole("button", { name: vi("console:work.all"), exact: true }).click();
    const open = vi(`console:work.${verdict}.open`, { count });
    await page.getByRole("button", { name: open, exact: true }).click();
    return page.getByRole("dialog");
  };

  await test.step("only what the server would do is offered", async () => {
    await page.getByRole("button", { name: vi("console:work.all"), exact: true }).click();
    await expect(list).not.toHaveCount(0);
    const mine = list.filter({ has: page.locator(`a[href$="${tenant}"]`) });
    await expect(mine).toHaveCount(3);
    await expect(mine.filter({ hasText: vi("console:work.retry.only") })).toHaveCount(2);
    await expect(mine.filter({ hasText: vi("console:work.discard.only") })).toHaveCount(1);
    await expect(mine.filter({ hasText: vi("console:kind.redrive") })).toHaveCount(2);
    await lookAt(page, "console-work-mixed", SIGHTS);
  });
  await test.step("a dry run tells what is gone already", async () => {
    await kinds.selectOption("redrive");
    await expect(page).toHaveURL(/kind=redrive/);
    await expect(list).toHaveCount(2);
    await sql(
      `delete from routing.due_work where kind = 'redrive' and tenant_id = '${tenant}' and entity_id =
         (select min(entity_id::text)::uuid from routing.due_work where kind = 'redrive' and tenant_id = '${tenant}')`,
    );
    const dialog = await decide("retry", 2);
    await expect(dialog).toContainText(vi("console:work.retry.plan", { count: 1 }));
    await expect(dialog).toContainText(vi("console:work.gone", { count: 1 }));
    await lookAt(page, "console-work-plan", SIGHTS);
    expect(await left("redrive")).toBe("1");
    await dialog.getByRole("button", { name: vi("console:work.retry.submit"), exact: true }).click();
    await expect(page.getByText(vi("console:work.retry.done", { count: 1 }))).toBeVisible();
    await expect(
      page.getByText(vi("console:work.noneOfKind", { kind: vi("console:kind.redrive") })),
    ).toBeVisible();
    expect(await left("redrive")).toBe("0");
  });
  await test.step("what is given up is never done", async () => {
    await kinds.selectOption("profile");
    await expect(list).toHaveCount(1);
    await lookAt(page, "console-work", SIGHTS);
    // What it did not do is shown already: there is nothing to try again.
    await expect(list).toContainText(vi("console:work.discard.only"));
    const dialog = await decide("discard", 1);
    const retry = vi("console:work.retry.open", { count: 1 });
    await expect(page.getByRole("button", { name: retry, exact: true, includeHidden: true })).toHaveCount(0);
    await dialog.getByRole("button", { name: vi("console:work.discard.submit"), exact: true }).click();
    await expect(page.getByText(vi("console:work.discard.done", { count: 1 }))).toBeVisible();
    expect(await left("profile")).toBe("0");
  });
  await test.step("both are recorded, and can be taken along", async () => {
    await page.goto("/admin/audit?action=work.discarded");
    const records = page.getByRole("list", { name: vi("audit:listLabel") }).getByRole("listitem");
    await expect(records.first()).toContainText(vi("audit:action.work.discarded"));
    await records.first().locator("summary").click();
    const file = page.waitForEvent("download");
    await page.getByRole("button", { name: vi("audit:filter.export"), exact: true }).click();
    const lines = (await readFile(await (await file).path(), "utf8")).trim().split("\n");
    const actions = lines.map((line): unknown => JSON.parse(line)).map((one) => Object(one).action);
    expect(new Set(actions)).toEqual(new Set(["work.discarded"]));
    await lookAt(page, "console-audit", SIGHTS);
  });
});

test("a shop gets another plan and a cap of its own", async ({ open, admin, newShop }) => {
  const name = named("Tiệm Hạn Mức");
  const shop = await newShop(name);
  const page = await open(admin, `/admin/tenants/${idOf(shop)}`, { theme: "system" });
  const facts = page.locator("dl");
  const dialog = await dialogOf(page, "console:cap.open");
  const tokens = dialog.getByLabel(vi("console:tenant.cap"), { exact: true });
  const save = dialog.getByRole("button", { name: vi("common:save"), exact: true });
  await tokens.fill("nhiều");
  await expect(dialog.getByText(vi("console:cap.wrong"))).toBeVisible();
  await expect(save).toBeDisabled();
  await lookAt(page, "console-cap", SIGHTS);
  await tokens.fill("120.000");
  await dialog.getByLabel(vi("console:tenant.plan")).selectOption("business");
  await save.click();
  await expect(dialog).toBeHidden();
  await expect(facts).toContainText(vi("console:plan.business"));
  await expect(facts).toContainText(`120.000 (${vi("console:tenant.capped")})`);
  await dialogOf(page, "console:cap.open");
  await expect(tokens).toHaveValue("120000");
  await tokens.fill("");
  await save.click();
  await expect(dialog).toBeHidden();
  await expect(facts).not.toContainText(vi("console:tenant.capped"));

  await page.goto(`/admin/audit?business_id=${idOf(shop)}`);
  const records = page.getByRole("list", { name: vi("audit:listLabel") }).getByRole("listitem");
  await expect(records.filter({ hasText: vi("audit:action.tenant.capped") })).toHaveCount(2);
  await expect(records.filter({ hasText: vi("audit:action.business.registered") })).toHaveCount(1);
});
