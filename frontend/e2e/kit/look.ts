import AxeBuilder from "@axe-core/playwright";
import type { Locator, Page } from "@playwright/test";
import { expect } from "./test.ts";
import { vi } from "./words.ts";

const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

/** Nothing on screen that keeps somebody out, as far as a program can tell. */
export async function expectAccessible(page: Page, what: string): Promise<void> {
  // The pages have no frames, for which alone the other mode would open a window each time.
  const axe = new AxeBuilder({ page }).setLegacyMode().options({ resultTypes: ["violations"] });
  const { violations } = await axe.withTags(RULES).analyze();
  const grave = violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .flatMap(({ id, nodes }) =>
      nodes.map(({ target, failureSummary }) => `${id} at ${target}: ${failureSummary}`),
    );
  expect.soft(grave, `${what}: serious and critical findings`).toEqual([]);
}

/** Rows of choices, and tables, that slide sideways on purpose where there is no room. */
const STRIPS = ".settings-nav, .in-filters .cd-tabs, .console-wide";

/** Nothing is wider than the window. */
export async function expectNoSidewaysScroll(page: Page, what: string): Promise<void> {
  const wide = await page.evaluate((strips) => {
    return Array.from(document.querySelectorAll("*"))
      .filter(
        (box) => box === document.scrollingElement || /auto|scroll/.test(getComputedStyle(box).overflowX),
      )
      .filter((box) => box.scrollWidth > box.clientWidth + 1 && !box.matches(strips))
      .map((box) => `${box.tagName}.${box.className} holds ${box.scrollWidth} px in ${box.clientWidth}`);
  }, STRIPS);
  expect.soft(wide, `${what}: no horizontal scroll`).toEqual([]);
}

export const WIDE = { width: 1440, height: 900 };
export const NARROW = { width: 390, height: 844 };

export interface Sight {
  width: number;
  height: number;
  theme: "light" | "dark";
  /** Whether it is searched for what keeps people out. */
  isSearched: boolean;
}

/** The page as it looks each way: without horizontal scroll, and kept as a picture. `again` sees to it that it is what is meant. */
export async function lookAt(
  page: Page,
  name: string,
  sights: Sight[],
  again: () => Promise<void> = async () => {},
): Promise<void> {
  for (const { width, height, theme, isSearched } of sights) {
    await page.setViewportSize({ width, height });
    await page.emulateMedia({ colorScheme: theme, reducedMotion: "reduce" });
    await expect(page.locator("html")).toHaveAttribute("data-theme", theme);
    await settled(page);
    await again();
    const what = `${name} ${theme} ${width}`;
    await page.screenshot({ path: `e2e/shots/${name}-${width}-${theme}.png` });
    await expectNoSidewaysScroll(page, what);
    if (isSearched) await expectAccessible(page, what);
  }
}

/** Everything is there: no skeletons, no colours on their way to others. */
export async function settled(page: Page): Promise<void> {
  await expect(page.locator('[aria-busy="true"]')).toHaveCount(0);
  await page.evaluate(async () => {
    await document.fonts.ready;
    await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
    const ending = document
      .getAnimations()
      .filter((one) => one.effect?.getComputedTiming().endTime !== Infinity);
    await Promise.allSettled(ending.map(({ finished }) => finished));
  });
}

/** Nothing in a scrolled region moves any more: it is the same over many frames. */
export async function still(region: Locator): Promise<void> {
  await region.evaluate(async (box) => {
    let same = 0;
    let before = "";
    while (same < 12) {
      await new Promise((done) => requestAnimationFrame(done));
      const now = `${box.scrollTop} of ${box.scrollHeight}`;
      same = now === before ? same + 1 : 0;
      before = now;
    }
  });
}

/** Tries again where that is offered, until it is there: the app also asks by itself once its socket stands, and then the offer is gone. */
export async function retryUntil(page: Page, there: Locator): Promise<void> {
  const again = page.getByRole("button", { name: vi("common:retry") });
  await expect(async () => {
    if (await again.isVisible()) await again.click({ timeout: 1_000 });
    await expect(there).toBeVisible({ timeout: 2_000 });
  }).toPass({ timeout: 60_000 });
}
