import { expect, type Locator, type Page } from "@playwright/test";
import { signIn, tokenForm } from "./channels.ts";
import type { Furnished } from "./furnished.ts";
import { PASSWORD } from "./shop.ts";
import type { words } from "./words.ts";

/** A screen that is looked at each way. */
export interface View {
  name: string;
  address: string | ((shop: Furnished) => string);
  /** Whose screen it is. */
  who?: "nobody" | "owner" | "newcomer" | "viewer" | "admin";
  /** What brings the screen into the state that is looked at. */
  prepare?: (page: Page, t: ReturnType<typeof words>) => Promise<void>;
  /** What is still there each way; it is prepared again where the other size took it away. */
  expects?: (page: Page, t: ReturnType<typeof words>) => Locator;
}

const tenantOf = ({ shop }: Furnished) => `/admin/tenants/${shop.owner.session.user.business_id}`;

const A_SECRET = {
  secret: "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP",
  uri: "otpauth://totp/ChatDesk:moi%40chatdesk.example?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=ChatDesk",
};

export const VIEWS: View[] = [
  { name: "login", address: "/login", who: "nobody" },
  {
    name: "login-refused",
    address: "/login",
    who: "nobody",
    prepare: async (page, t) => {
      await page.getByLabel(t("auth:field.email")).fill("ai@shop.example");
      await page.getByLabel(t("auth:field.password"), { exact: true }).fill("khong dung dau");
      await page.getByRole("button", { name: t("auth:login.submit") }).click();
      await expect(page.getByText(t("auth:login.wrong"))).toBeVisible();
    },
  },
  {
    name: "register-wrong",
    address: "/register",
    who: "nobody",
    prepare: async (page, t) => {
      await page.getByRole("button", { name: t("auth:register.submit") }).click();
      await expect(page.getByText(t("auth:missing.business_name"))).toBeVisible();
    },
  },
  {
    name: "login-setup",
    address: "/login",
    who: "nobody",
    prepare: async (page, t) => {
      // The demo's admin has codes already: this is what the server says to one without.
      const refused = { type: "about:blank", title: "", status: 403, code: "totp_setup_required" };
      await page.route("**/api/auth/login", (route) => route.fulfill({ status: 403, json: refused }));
      await page.route("**/api/auth/totp/setup", (route) => route.fulfill({ json: A_SECRET }));
      await page.getByLabel(t("auth:field.email")).fill("moi@chatdesk.example");
      await page.getByLabel(t("auth:field.password"), { exact: true }).fill("mat khau quan tri");
      await page.getByRole("button", { name: t("auth:login.submit") }).click();
      await expect(page.getByRole("img", { name: t("access:totp.qr") })).toBeVisible();
      await page.unrouteAll();
    },
  },
  { name: "reset-ask", address: "/password-reset", who: "nobody" },
  {
    name: "invitation-open",
    address: ({ invitation }) => invitation,
    who: "nobody",
    prepare: async (page, t) => {
      await page.getByRole("button", { name: t("access:invitation.submit"), exact: true }).click();
      await expect(page.getByText(t("auth:shortPassword"))).toBeVisible();
    },
  },
  {
    name: "reset-refused",
    address: "/password-reset#khong-co",
    who: "nobody",
    prepare: async (page, t) => {
      await page.getByLabel(t("auth:field.password"), { exact: true }).fill("mat khau moi hon");
      await page.getByRole("button", { name: t("access:reset.submit"), exact: true }).click();
      await expect(page.getByText(t("access:reset.invalid"))).toBeVisible();
    },
  },
  { name: "invitation-none", address: "/invitation#khong-co", who: "nobody" },
  { name: "reset-new", address: "/password-reset#khong-co", who: "nobody" },
  { name: "inbox-empty", address: "/inbox", who: "newcomer" },
  { name: "inbox-list", address: "/inbox" },
  {
    name: "inbox-found-nothing",
    address: "/inbox?q=khong-co-ai",
    prepare: async (page, t) => {
      await expect(page.getByText(t("inbox:empty.searchTitle"))).toBeVisible();
    },
  },
  {
    name: "inbox-thread",
    address: ({ open }) => `/inbox/${open.id}`,
    prepare: async (page, t) => {
      await expect(page.getByText(t("inbox:failure.rejected"))).toBeVisible();
      await expect(page.getByText("ưu tiên giao trong ngày")).toBeVisible();
    },
  },
  {
    name: "inbox-details",
    // Where there is no room beside the thread they are a place of their own.
    address: ({ open }) => `/inbox/${open.id}?details=1`,
    prepare: async (page, t) => {
      const panel = page.getByRole("complementary", { name: t("inbox:panel.label") });
      await expect(panel.getByText(t("inbox:panel.products"))).toBeVisible();
    },
    expects: (page, t) => page.getByRole("complementary", { name: t("inbox:panel.label") }),
  },
  {
    name: "inbox-provenance",
    address: ({ open }) => `/inbox/${open.id}`,
    prepare: async (page, t) => {
      await page
        .getByRole("button", { name: t("inbox:prov.open") })
        .last()
        .click();
    },
    expects: (page, t) => page.getByRole("dialog", { name: t("inbox:prov.title") }),
  },
  { name: "inbox-unknown", address: "/inbox/0198f000-0000-7000-8000-000000000001" },
  { name: "inbox-viewer", address: ({ open }) => `/inbox/${open.id}`, who: "viewer" },
  { name: "products", address: "/products" },
  { name: "products-empty", address: "/products", who: "newcomer" },
  { name: "product", address: ({ product }) => `/products/${product.id}` },
  {
    name: "product-wrong",
    address: "/products/new",
    prepare: async (page, t) => {
      await page.getByRole("button", { name: t("products:editor.create") }).click();
      await expect(page.getByText(t("products:problems.name"))).toBeVisible();
    },
  },
  {
    name: "product-forms",
    address: "/products?q=chan+vay",
    prepare: async (page, t) => {
      await page.getByRole("link", { name: "Chân váy xếp ly" }).click();
      await expect(page.getByLabel(t("products:variants.nameOf", { row: 2 }), { exact: true })).toBeVisible();
    },
    expects: (page, t) => page.getByLabel(t("products:variants.nameOf", { row: 2 }), { exact: true }),
  },
  { name: "products-import", address: "/products/import", who: "newcomer" },
  {
    name: "products-import-checked",
    address: "/products/import",
    who: "newcomer",
    prepare: async (page, t) => {
      const content = "Tên,Giá,Tồn kho\nÁo thun,150k,3\nMũ,rẻ lắm,x\n";
      await page
        .locator("input[type=file]")
        .setInputFiles({ name: "hàng mới.csv", mimeType: "text/csv", buffer: Buffer.from(content) });
      await expect(page.getByRole("heading", { name: t("imports:dry.done") })).toBeVisible();
      await expect(page.getByText(t("imports:error.price.malformed"))).toBeVisible();
    },
    expects: (page, t) => page.getByText(t("imports:error.price.malformed")),
  },
  { name: "products-import-viewer", address: "/products/import", who: "viewer" },
  { name: "channels", address: "/channels" },
  { name: "channels-empty", address: "/channels", who: "newcomer" },
  {
    name: "channels-connect",
    address: "/channels",
    prepare: async (page, t) => {
      await tokenForm(page, "instagram", t);
      await page
        .getByRole("dialog")
        .getByRole("button", { name: t("channels:form.submit"), exact: true })
        .click();
      await expect(page.getByText(t("channels:problems.page_id"))).toBeVisible();
    },
  },
  {
    name: "channels-leave",
    address: "/channels",
    prepare: async (page, t) => {
      const leave = page.getByRole("button", { name: new RegExp(`^${t("channels:disconnect")}`) });
      await leave.first().click();
      await expect(page.getByRole("dialog")).toBeVisible();
    },
  },
  {
    name: "channels-choice",
    address: "/channels",
    prepare: async (page, t) => {
      await signIn(page, t);
    },
  },
  {
    name: "channels-transfers",
    address: "/channels",
    prepare: async (page, t) => {
      const choice = await signIn(page, t);
      const ask = choice.getByRole("button", { name: new RegExp(`^${t("channels:choice.ask")}`) });
      await expect(choice.getByText(t("channels:choice.state.taken")).first()).toBeVisible();
      // Asked already, where another language was looked at before.
      if ((await ask.count()) > 0) await ask.first().click();
      await expect(choice.getByText(t("channels:choice.asked")).first()).toBeVisible();
      await page.getByRole("link", { name: t("channels:callback.back") }).click();
      await expect(page.getByRole("region", { name: t("channels:transfers.title") })).toBeVisible();
    },
  },
  { name: "channels-callback-foreign", address: "/channels/callback?code=gia&state=gia" },
  { name: "channels-callback-nothing", address: "/channels/callback" },
  { name: "journal", address: "/journal" },
  { name: "journal-empty", address: "/journal", who: "newcomer" },
  { name: "journal-not-allowed", address: "/journal", who: "viewer" },
  {
    name: "journal-detail",
    address: "/journal",
    prepare: async (page, t) => {
      const rows = page.getByRole("list", { name: t("journal:listLabel") }).getByRole("listitem");
      await rows.first().getByRole("button").click();
      await expect(page.getByRole("heading", { name: t("journal:detail.raw") })).toBeVisible();
    },
  },
  { name: "data-deletion", address: "/data-deletion?code=khong-co", who: "nobody" },
  { name: "preview", address: "/preview" },
  {
    name: "preview-answer",
    address: "/preview",
    prepare: async (page, t) => {
      await page.getByLabel(t("preview:question")).fill("Váy suông linen giá bao nhiêu?");
      await page.getByRole("button", { name: t("preview:ask"), exact: true }).click();
      await expect(page.getByRole("list", { name: t("preview:logLabel") })).toContainText("450");
    },
  },
  {
    name: "preview-entries",
    address: "/preview",
    prepare: async (page, t) => {
      await page.getByLabel(t("preview:question")).fill("Shop có gói quà không?");
      await page.getByRole("button", { name: t("preview:ask"), exact: true }).click();
      await expect(page.getByRole("link", { name: "Shop có gói quà không?" })).toBeVisible();
    },
  },
  { name: "knowledge", address: "/knowledge" },
  { name: "knowledge-none", address: "/knowledge?q=khong+co+gi" },
  { name: "knowledge-empty", address: "/knowledge", who: "newcomer" },
  { name: "knowledge-viewer", address: "/knowledge", who: "viewer" },
  {
    name: "knowledge-add",
    address: "/knowledge?kind=synonym",
    prepare: async (page, t) => {
      await page.getByRole("button", { name: t("knowledge:add") }).click();
      const dialog = page.getByRole("dialog");
      await dialog.getByRole("button", { name: t("common:save") }).click();
      await expect(dialog.getByText(t("entry:problems.missing"))).toHaveCount(2);
    },
  },
  { name: "unanswered", address: "/unanswered" },
  { name: "unanswered-empty", address: "/unanswered", who: "newcomer" },
  { name: "unanswered-viewer", address: "/unanswered", who: "viewer" },
  {
    name: "unanswered-answer",
    address: "/unanswered",
    prepare: async (page, t) => {
      const list = page.getByRole("list", { name: t("unanswered:listLabel") });
      await list
        .getByRole("button", { name: new RegExp(`^${t("unanswered:answer")}`) })
        .first()
        .click();
      await expect(page.getByRole("dialog").getByLabel(t("entry:body.faq"))).toBeFocused();
    },
  },
  { name: "replay-empty", address: "/replay", who: "newcomer" },
  { name: "replay-viewer", address: "/replay", who: "viewer" },
  {
    name: "replay",
    address: "/replay",
    prepare: async (page, t) => {
      const list = page.getByRole("list", { name: t("replay:listLabel") });
      await page
        .getByRole("button", { name: t("replay:run"), exact: true })
        .or(page.getByRole("button", { name: t("replay:runAgain"), exact: true }))
        .click();
      await expect(list).toBeVisible();
      await expect(page.getByRole("progressbar")).toHaveCount(0);
    },
  },
  { name: "dashboard", address: "/dashboard" },
  { name: "dashboard-empty", address: "/dashboard", who: "newcomer" },
  { name: "settings-profile", address: "/settings/profile" },
  { name: "settings-assistant", address: "/settings/assistant" },
  { name: "settings-replies", address: "/settings/replies" },
  { name: "settings-replies-empty", address: "/settings/replies", who: "newcomer" },
  { name: "settings-team", address: "/settings/team" },
  {
    name: "settings-invite",
    address: "/settings/team",
    prepare: async (page, t) => {
      await page.getByRole("button", { name: t("settings:invitations.invite") }).click();
      await page
        .getByRole("dialog")
        .getByRole("button", { name: t("settings:invitations.submit"), exact: true })
        .click();
      await expect(page.getByText(t("settings:team.emailWrong"))).toBeVisible();
    },
  },
  { name: "settings-security", address: "/settings/security" },
  {
    name: "settings-audit",
    address: "/settings/audit",
    prepare: async (page) => page.locator("summary").first().click(),
  },
  { name: "settings-privacy", address: "/settings/privacy" },
  {
    name: "settings-totp",
    address: "/settings/security",
    who: "newcomer",
    prepare: async (page, t) => {
      const section = page.getByRole("region", { name: t("security:totp.title") });
      await section.getByLabel(t("security:password.current")).fill(PASSWORD);
      await section.getByRole("button", { name: t("security:totp.start"), exact: true }).click();
      await expect(section.getByRole("img", { name: t("access:totp.qr") })).toBeVisible();
    },
  },
  { name: "settings-appearance", address: "/settings/appearance" },
  { name: "settings-viewer", address: "/settings/assistant", who: "viewer" },
  { name: "console-not-allowed", address: "/admin", who: "viewer" },
  { name: "console-tenants", address: "/admin/tenants", who: "admin" },
  { name: "console-tenants-none", address: "/admin/tenants?q=khong+co+ai", who: "admin" },
  { name: "console-tenant", address: tenantOf, who: "admin" },
  ...(["suspend", "cap", "enter"] as const).map(
    (act): View => ({
      name: `console-${act}`,
      address: tenantOf,
      who: "admin",
      prepare: async (page, t) => {
        await page.getByRole("button", { name: t(`console:${act}.open`), exact: true }).click();
        await expect(page.getByRole("dialog")).toBeVisible();
      },
    }),
  ),
  { name: "console-unknown", address: "/admin/tenants/0198f000-0000-7000-8000-000000000001", who: "admin" },
  { name: "console-channels", address: "/admin/channels", who: "admin" },
  { name: "console-work-none", address: "/admin/work?service=catalog", who: "admin" },
  { name: "console-usage", address: "/admin/usage", who: "admin" },
  { name: "console-system", address: "/admin/system", who: "admin" },
  {
    name: "console-audit",
    address: ({ shop }) => `/admin/audit?business_id=${shop.owner.session.user.business_id}`,
    who: "admin",
    prepare: async (page) => page.locator("summary").first().click(),
  },
  {
    name: "console-account",
    address: "/admin/account",
    who: "admin",
    prepare: async (page, t) => {
      await page.getByText(t("security:totp.disable")).first().click();
      await expect(page.getByText(t("security:totp.adminOff"))).toBeVisible();
    },
  },
  { name: "not-found", address: "/khong-co-trang-nay" },
  {
    name: "shortcuts",
    address: "/inbox",
    prepare: async (page, t) => {
      await expect(page.getByRole("list", { name: t("inbox:list.label") })).toBeVisible();
      await page.keyboard.press("?");
      await expect(page.getByRole("dialog", { name: t("common:shortcuts.title") })).toBeVisible();
    },
  },
  {
    name: "inbox-replies",
    address: ({ open }) => `/inbox/${open.id}`,
    prepare: async (page, t) => {
      const text = page.getByRole("region", { name: t("inbox:composer.label") }).getByRole("textbox");
      await text.fill("/");
      await expect(page.getByRole("listbox", { name: t("inbox:composer.replies") })).toBeVisible();
    },
  },
];
