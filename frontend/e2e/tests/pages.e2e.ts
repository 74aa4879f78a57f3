import type { Locator, Page } from "@playwright/test";
import { signIn, tokenForm } from "../kit/channels.ts";
import type { Furnished } from "../kit/furnished.ts";
import { lookAt, NARROW, type Sight, settled, WIDE } from "../kit/look.ts";
import { expect, test } from "../kit/test.ts";
import { type Language, words } from "../kit/words.ts";

interface View {
  name: string;
  address: string | ((shop: Furnished) => string);
  /** Whose screen it is. */
  who?: "nobody" | "owner" | "newcomer" | "viewer";
  /** What brings the screen into the state that is looked at. */
  prepare?: (page: Page, t: ReturnType<typeof words>) => Promise<void>;
  /** What is still there each way; it is prepared again where the other size took it away. */
  expects?: (page: Page, t: ReturnType<typeof words>) => Locator;
}

/** Every page in both themes, wide and narrow, in both languages. Searching for what keeps people out takes a second: not in each. */
const SIGHTS: Record<Language, Sight[]> = {
  vi: [
    { ...WIDE, theme: "light", isSearched: true },
    { ...WIDE, theme: "dark", isSearched: true },
    { ...NARROW, theme: "light", isSearched: true },
    { ...NARROW, theme: "dark", isSearched: false },
  ],
  en: [
    { ...WIDE, theme: "light", isSearched: false },
    { ...WIDE, theme: "dark", isSearched: false },
    { ...NARROW, theme: "light", isSearched: false },
    { ...NARROW, theme: "dark", isSearched: true },
  ],
};

const VIEWS: View[] = [
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
  { name: "settings-security", address: "/settings/security" },
  { name: "settings-appearance", address: "/settings/appearance" },
  { name: "settings-viewer", address: "/settings/assistant", who: "viewer" },
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

const OWN: Record<NonNullable<View["who"]>, string> = {
  nobody: "before logging in",
  owner: "of a shop at work",
  newcomer: "of a new shop",
  viewer: "of somebody who may only look",
};

for (const language of ["vi", "en"] as const) {
  for (const who of ["nobody", "newcomer", "viewer", "owner"] as const) {
    const views = VIEWS.filter((view) => (view.who ?? "owner") === who);
    test(`the pages ${OWN[who]} in ${language}`, async ({ open, furnished }) => {
      test.setTimeout(30_000 + views.length * 20_000);
      const { owner } = furnished.shop;
      const people = { nobody: null, owner, newcomer: furnished.newcomer, viewer: furnished.viewer };
      const page = await open(people[who], "/login", { theme: "system", language });
      for (const { name, address, prepare, expects } of views) {
        await test.step(name, async () => {
          await page.setViewportSize(WIDE);
          await page.goto(typeof address === "string" ? address : address(furnished));
          await expect(page.locator("main:not(.app-skeleton)")).toBeVisible();
          await settled(page);
          const t = words(language);
          await prepare?.(page, t);
          const wanted = expects?.(page, t);
          const again = async () => {
            if (wanted === undefined) return;
            if (!(await wanted.isVisible())) await prepare?.(page, t);
            await expect(wanted).toBeVisible();
          };
          await lookAt(page, `${name}-${language}`, SIGHTS[language], again);
        });
      }
    });
  }
}
