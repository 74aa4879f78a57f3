import type { Page } from "@playwright/test";
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
    address: ({ open }) => `/inbox/${open.id}`,
    prepare: async (page, t) => {
      const panel = page.getByRole("complementary", { name: t("inbox:panel.label") });
      await expect(panel.getByText(t("inbox:panel.products"))).toBeVisible();
    },
  },
  {
    name: "inbox-provenance",
    address: ({ open }) => `/inbox/${open.id}`,
    prepare: async (page, t) => {
      await page
        .getByRole("button", { name: t("inbox:prov.open") })
        .last()
        .click();
      await expect(page.getByText(t("inbox:prov.title"))).toBeVisible();
    },
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
  { name: "channels", address: "/channels" },
  { name: "channels-empty", address: "/channels", who: "newcomer" },
  {
    name: "channels-connect",
    address: "/channels",
    prepare: async (page, t) => {
      await page
        .getByRole("button", { name: t("channels:connect.instagram") })
        .first()
        .click();
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
      for (const { name, address, prepare } of views) {
        await test.step(name, async () => {
          await page.setViewportSize(WIDE);
          await page.goto(typeof address === "string" ? address : address(furnished));
          await expect(page.getByRole("main")).toBeVisible();
          await settled(page);
          await prepare?.(page, words(language));
          await lookAt(page, `${name}-${language}`, SIGHTS[language]);
        });
      }
    });
  }
}
