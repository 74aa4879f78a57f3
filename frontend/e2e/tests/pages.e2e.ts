import { lookAt, NARROW, type Sight, settled, WIDE } from "../kit/look.ts";
import { expect, test } from "../kit/test.ts";
import { VIEWS, type View } from "../kit/views.ts";
import { type Language, words } from "../kit/words.ts";

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

const OWN: Record<NonNullable<View["who"]>, string> = {
  nobody: "before logging in",
  owner: "of a shop at work",
  newcomer: "of a new shop",
  viewer: "of somebody who may only look",
  admin: "of a platform admin",
};

for (const language of ["vi", "en"] as const) {
  for (const who of ["nobody", "newcomer", "viewer", "owner", "admin"] as const) {
    const views = VIEWS.filter((view) => (view.who ?? "owner") === who);
    test(`the pages ${OWN[who]} in ${language}`, async ({ open, furnished, admin }) => {
      test.setTimeout(30_000 + views.length * 20_000);
      const { owner } = furnished.shop;
      const { newcomer, viewer } = furnished;
      const people = { nobody: null, owner, newcomer, viewer, admin };
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
