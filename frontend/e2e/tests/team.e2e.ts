import type { Page } from "@playwright/test";
import { lookAt, NARROW, WIDE } from "../kit/look.ts";
import { newEmail, PASSWORD } from "../kit/shop.ts";
import { expect, test } from "../kit/test.ts";
import { Authenticator } from "../kit/totp.ts";
import { pattern, vi } from "../kit/words.ts";

const NEXT_PASSWORD = "mat khau moi hon nua";
const SIGHTS = [WIDE, NARROW].flatMap((size) =>
  (["light", "dark"] as const).map((theme) => ({ ...size, theme, isSearched: true })),
);

async function logIn(page: Page, email: string, password: string): Promise<void> {
  await page.getByLabel(vi("auth:field.email")).fill(email);
  await page.getByLabel(vi("auth:field.password"), { exact: true }).fill(password);
  await page.getByRole("button", { name: vi("auth:login.submit"), exact: true }).click();
}

/** The account menu, called by whose account it is. */
function account(page: Page, name: string) {
  return page.getByRole("button", { name: `${vi("common:account.menu")}: ${name}` });
}

async function invite(page: Page, email: string, role = "agent"): Promise<void> {
  await page.getByRole("button", { name: vi("settings:invitations.invite") }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel(vi("settings:team.email")).fill(email);
  await dialog.getByLabel(vi("settings:team.role")).selectOption(role);
  await dialog.getByRole("button", { name: vi("settings:invitations.submit"), exact: true }).click();
  await expect(dialog).toBeHidden();
  await expect(page.getByRole("list", { name: vi("settings:invitations.title") })).toContainText(email);
}

async function accept(page: Page, name: string): Promise<void> {
  await page.getByLabel(new RegExp(`^${vi("access:invitation.name")}`)).fill(name);
  await page.getByLabel(vi("auth:field.password"), { exact: true }).fill(PASSWORD);
  await page.getByRole("button", { name: vi("access:invitation.submit"), exact: true }).click();
  await expect(page).toHaveURL(/\/inbox$/);
  await expect(account(page, name)).toBeVisible();
}

test("somebody is invited by mail and comes in with the role", async ({ open, shop, run }) => {
  const email = newEmail();
  const page = await open(shop.owner, "/settings/team");
  await invite(page, email);
  const link = await shop.sandbox.linkTo(email, "/invitation");
  expect(link.origin).toBe(new URL(run.spa_url).origin);
  const address = `${link.pathname}${link.hash}`;

  const guest = await open(null, address, { theme: "system" });
  await test.step("nobody sees the link's secret, and short passwords are refused", async () => {
    await expect(guest).toHaveURL(/\/invitation$/);
    await expect(guest.getByText("Tiệm Thử Nghiệm")).toBeVisible();
    await expect(guest.getByLabel(vi("auth:field.email"))).toHaveValue(email);
    await guest.getByLabel(vi("auth:field.password"), { exact: true }).fill("1234567");
    await guest.getByRole("button", { name: vi("access:invitation.submit"), exact: true }).click();
    await expect(guest.getByText(vi("auth:shortPassword"))).toBeVisible();
    await lookAt(guest, "invitation", SIGHTS);
  });
  await test.step("who accepts is in, as what they were invited", async () => {
    await accept(guest, "Lan");
    await guest.reload();
    await expect(account(guest, "Lan")).toBeVisible();
    await page.reload();
    const lan = page
      .getByRole("list", { name: vi("settings:team.listLabel") })
      .getByRole("listitem")
      .filter({ hasText: "Lan" });
    await expect(lan.getByLabel(vi("settings:team.roleOf", { name: "Lan" }))).toHaveValue("agent");
    await expect(page.getByText(vi("settings:invitations.title"))).toBeHidden();
  });
  await test.step("it works once", async () => {
    const late = await open(null, address, { theme: "system" });
    await expect(late.getByText(vi("access:invitation.over"))).toBeVisible();
    await lookAt(late, "invitation-over", SIGHTS);
  });
  await test.step("who is removed is out at once", async () => {
    await page.getByRole("button", { name: vi("settings:team.removeNamed", { name: "Lan" }) }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByRole("button", { name: vi("settings:team.remove"), exact: true }).click();
    await expect(dialog).toBeHidden();
    await expect(guest.getByRole("heading", { name: vi("auth:login.title") })).toBeVisible();
  });
});

test("an invitation is not mixed up with whoever is logged in, and can be withdrawn", async ({
  open,
  shop,
}) => {
  const [email, other] = [newEmail(), newEmail()];
  const page = await open(shop.owner, "/settings/team");
  await invite(page, email, "manager");
  await invite(page, other, "viewer");
  const link = await shop.sandbox.linkTo(email, "/invitation");

  const theirs = await open(shop.owner, `${link.pathname}${link.hash}`, { theme: "system" });
  await expect(theirs.getByText(vi("access:invitation.loggedIn", { email: shop.owner.email }))).toBeVisible();
  await lookAt(theirs, "invitation-logged-in", SIGHTS);
  await theirs.getByRole("button", { name: vi("common:account.logout") }).click();
  await accept(theirs, "Minh");

  await page.getByRole("button", { name: vi("settings:invitations.revokeNamed", { email: other }) }).click();
  await expect(page.getByText(vi("settings:invitations.revoked", { email: other }))).toBeVisible();
  const withdrawn = await shop.sandbox.linkTo(other, "/invitation");
  const late = await open(null, `${withdrawn.pathname}${withdrawn.hash}`);
  await expect(late.getByText(vi("access:invitation.over"))).toBeVisible();
});

test("invitations that came to their end are told apart, and sent again", async ({ open, shop, sql }) => {
  const [waiting, over, orphan] = [newEmail(), newEmail(), newEmail()];
  const manager = await shop.colleague("Thảo", "manager");
  const theirs = await open(manager, "/settings/team");
  await invite(theirs, orphan);
  const page = await open(shop.owner, "/settings/team", { theme: "system" });
  await invite(page, waiting);
  await invite(page, over);
  const waits = page.getByRole("list", { name: vi("settings:invitations.title") });
  const ended = page.getByRole("list", { name: vi("settings:invitations.overTitle") });
  await expect(waits.getByRole("listitem")).toHaveCount(3);
  await test.step("one is too old, and of another the inviter is gone", async () => {
    await sql(
      `update tenants.invitations set expires_at = now() - interval '1 hour' where email = '${over}'`,
    );
    await page.getByRole("button", { name: vi("settings:team.removeNamed", { name: "Thảo" }) }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByRole("button", { name: vi("settings:team.remove"), exact: true }).click();
    await expect(dialog).toBeHidden();
    await page.reload();
    await expect(waits.getByRole("listitem")).toHaveCount(1);
    await expect(waits).toContainText(waiting);
    await expect(ended).toContainText(over);
    await expect(page.getByText(orphan)).toHaveCount(0);
    await lookAt(page, "settings-invitations", SIGHTS);
  });
  await test.step("it waits again once it was sent again", async () => {
    await page.getByRole("button", { name: vi("settings:invitations.againNamed", { email: over }) }).click();
    await expect(waits).toContainText(over);
    await expect(ended).toHaveCount(0);
  });
});

test("a forgotten password is set anew through the mail", async ({ open, shop, sandbox }) => {
  const { email } = shop.owner;
  const before = await open(shop.owner, "/products");
  const page = await open(null, "/login", { theme: "system" });
  const ask = async (address: string) => {
    await expect(page.getByRole("heading", { name: vi("access:reset.title"), exact: true })).toBeVisible();
    await page.getByLabel(vi("auth:field.email")).fill(address);
    await page.getByRole("button", { name: vi("access:reset.ask"), exact: true }).click();
    await expect(page.getByText(vi("access:reset.sent"))).toBeVisible();
  };
  await test.step("the answer does not tell who has an account", async () => {
    await page.getByRole("link", { name: vi("auth:login.forgotten") }).click();
    await ask(newEmail());
    await page.goto("/password-reset");
    await ask(email);
    await lookAt(page, "reset-sent", SIGHTS);
  });
  const link = await sandbox.linkTo(email, "/password-reset");
  const address = `${link.pathname}${link.hash}`;
  const password = page.getByLabel(vi("auth:field.password"), { exact: true });
  const submit = page.getByRole("button", { name: vi("access:reset.submit"), exact: true });

  await test.step("a new password ends all sessions", async () => {
    await page.goto(address);
    await expect(page).toHaveURL(/\/password-reset$/);
    await password.fill("ngan");
    await submit.click();
    await expect(page.getByText(vi("auth:shortPassword"))).toBeVisible();
    await lookAt(page, "reset-choose", SIGHTS);
    await password.fill(NEXT_PASSWORD);
    await submit.click();
    await expect(page.getByText(vi("access:reset.done"))).toBeVisible();
    await expect(before.getByText(vi("auth:login.expired"))).toBeVisible();
  });
  await test.step("it is the one that works now", async () => {
    await page.getByRole("link", { name: vi("access:reset.login") }).click();
    await logIn(page, email, shop.owner.password);
    await expect(page.getByText(vi("auth:login.wrong"))).toBeVisible();
    await logIn(page, email, NEXT_PASSWORD);
    await expect(page).toHaveURL(/\/inbox$/);
  });
  await test.step("the link works once, and leads to another", async () => {
    const late = await open(null, address);
    await late.getByLabel(vi("auth:field.password"), { exact: true }).fill(NEXT_PASSWORD);
    await late.getByRole("button", { name: vi("access:reset.submit"), exact: true }).click();
    await expect(late.getByText(vi("access:reset.invalid"))).toBeVisible();
    await expect(late.getByRole("button", { name: vi("access:reset.ask"), exact: true })).toBeVisible();
  });
});

test("one-time codes are switched on, asked for at the login, and switched off", async ({
  open,
  shop,
  home,
}) => {
  const { email, password } = shop.owner;
  const other = await open(shop.owner, "/products");
  const page = await open(shop.owner, "/settings/security", { theme: "system" });
  const section = page.getByRole("region", { name: vi("security:totp.title") });
  const code = section.getByLabel(vi("security:totp.code"));

  await test.step("a device is set up", async () => {
    await section.getByLabel(vi("security:password.current")).fill("khong phai");
    await section.getByRole("button", { name: vi("security:totp.start"), exact: true }).click();
    await expect(section.getByText(vi("errors:field.password.wrong"))).toBeVisible();
    await section.getByLabel(vi("security:password.current")).fill(password);
    await section.getByRole("button", { name: vi("security:totp.start"), exact: true }).click();
    await expect(section.getByRole("img", { name: vi("access:totp.qr") })).toBeVisible();
    await lookAt(page, "totp-scan", SIGHTS);
  });
  const authenticator = new Authenticator(home, await section.locator("code").innerText());
  await test.step("a wrong code is refused, the right one gives codes for a bad day", async () => {
    const confirm = section.getByRole("button", { name: vi("security:totp.confirm"), exact: true });
    await code.fill("000000");
    await confirm.click();
    await expect(section.getByText(vi("errors:field.code.wrong"))).toBeVisible();
    await code.fill(await authenticator.code());
    await confirm.click();
    await expect(other.getByText(vi("auth:login.expired"))).toBeVisible();
  });
  const codes = section.getByRole("list", { name: vi("access:recovery.title") });
  await expect(codes.getByRole("listitem")).toHaveCount(10);
  const recovery = await codes.getByRole("listitem").first().innerText();
  await lookAt(page, "totp-recovery", SIGHTS);
  await section.getByLabel(vi("access:recovery.kept")).check();
  await section.getByRole("button", { name: vi("access:recovery.go"), exact: true }).click();
  await expect(section.getByText(vi("security:totp.on"), { exact: true })).toBeVisible();

  await test.step("the login asks for a code", async () => {
    await logIn(other, email, password);
    const asked = other.getByLabel(vi("auth:field.code"));
    await expect(asked).toBeFocused();
    await asked.fill("000000");
    await asked.press("Enter");
    await expect(other.getByText(vi("errors:field.code.wrong"))).toBeVisible();
    await asked.fill(await authenticator.code());
    await asked.press("Enter");
    await expect(other).toHaveURL(/\/products$/);
  });
  await test.step("a recovery code does, too, once", async () => {
    const lost = await open(null, "/login");
    await logIn(lost, email, password);
    await lost.getByLabel(vi("auth:field.code")).fill(recovery);
    await lost.getByLabel(vi("auth:field.code")).press("Enter");
    await expect(lost).toHaveURL(/\/inbox$/);
  });
  await test.step("who switches them off needs the password and a code", async () => {
    await section.getByText(vi("security:totp.disable")).first().click();
    await section.getByLabel(vi("security:totp.password")).fill(password);
    await code.fill(recovery);
    const off = section.getByRole("button", { name: vi("security:totp.disable"), exact: true });
    await off.click();
    await expect(section.getByText(vi("errors:field.code.wrong"))).toBeVisible();
    await code.fill(await authenticator.code());
    await off.click();
    await expect(section.getByText(vi("security:totp.off"), { exact: true })).toBeVisible();
  });
});

test("everybody of the shop sees who works there, and only some decide", async ({ open, shop }) => {
  const viewer = await shop.colleague("Minh", "viewer");
  const manager = await shop.colleague("Thảo", "manager");
  const page = await open(viewer, "/settings/team");
  await expect(page.getByText(vi("settings:manageOnly"))).toBeVisible();
  await expect(page.getByRole("button", { name: vi("settings:invitations.invite") })).toHaveCount(0);
  const theirs = await open(manager, "/settings/team");
  const people = theirs.getByRole("list", { name: vi("settings:team.listLabel") }).getByRole("listitem");
  await expect(people).toHaveCount(3);
  await expect(people.filter({ hasText: shop.owner.email }).getByRole("combobox")).toHaveCount(0);
  const minh = theirs.getByLabel(vi("settings:team.roleOf", { name: "Minh" }));
  await minh.selectOption("agent");
  await expect(theirs.getByText(vi("settings:team.roleChanged", { name: "Minh" }))).toBeVisible();

  const owners = await open(shop.owner, "/settings/team");
  const own = owners.getByRole("listitem").filter({ hasText: shop.owner.email }).getByRole("combobox");
  await own.selectOption("manager");
  await expect(owners.getByText(vi("errors:last_owner"))).toBeVisible();
  await expect(own).toHaveValue("owner");
  await owners.goto("/settings/audit");
  const records = owners.getByRole("list", { name: vi("audit:listLabel") });
  await expect(records.getByText(vi("audit:action.member.role_changed"))).toBeVisible();
  await expect(records.getByText(pattern("audit:details")).first()).toBeVisible();
});

test("whose role is changed while they work goes on with the new one", async ({ open, shop }) => {
  const manager = await shop.colleague("Thảo", "manager");
  const page = await open(manager, "/settings/team");
  const invite = page.getByRole("button", { name: vi("settings:invitations.invite") });
  await expect(invite).toBeVisible();
  const sections = page.getByRole("navigation", { name: vi("settings:navLabel") });
  const audit = sections.getByRole("link", { name: vi("settings:sections.audit"), exact: true });
  await expect(audit).toBeVisible();
  const change = { member_role: "viewer" };
  await shop.api.patch(`/api/team/members/${manager.session.user.id}`, change);
  // The next request tells; nothing is asked of whoever looks on.
  await page.getByRole("link", { name: vi("common:nav.products"), exact: true }).click();
  await expect(page).toHaveURL(/\/products$/);
  await page.getByRole("link", { name: vi("common:nav.settings"), exact: true }).click();
  await sections.getByRole("link", { name: vi("settings:sections.team"), exact: true }).click();
  await expect(page.getByText(vi("settings:manageOnly"))).toBeVisible();
  await expect(invite).toHaveCount(0);
  await expect(audit).toHaveCount(0);
});
