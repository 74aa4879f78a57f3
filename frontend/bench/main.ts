// Prints how fast the app is in a browser, with many conversations and a long one. It asserts nothing: machines differ.
import { existsSync } from "node:fs";
import { type Browser, chromium, type Page } from "@playwright/test";
import { startHouse } from "../e2e/house/house.ts";
import { login } from "../e2e/kit/shop.ts";
import { stateWith } from "../e2e/kit/state.ts";
import { paintedAfter, type Shift, sampleFrames, watchPage } from "./probes.ts";
import { CONVERSATIONS, MESSAGES, type Seeded, seed } from "./seed.ts";

const LOADS = 5;
const LIVE = 50;
const SCROLL_MS = 6_000;

const release = "../target/release/chatdesk";
const built = existsSync(release) ? release : "../target/debug/chatdesk";
const binary = process.argv[2] ?? built;
const say = (what: string, found: string) => process.stdout.write(`${what.padEnd(62)} ${found}\n`);
const ms = (value: number) => `${value.toFixed(0)} ms`;

function quantile(values: number[], part: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN;
}

async function opened(browser: Browser, base: string, { shop }: Seeded, address: string): Promise<Page> {
  const { owner } = shop;
  const { cookie } = await login(base, owner.email, owner.password);
  const context = await browser.newContext({
    viewport: { width: 1440, height: 900 },
    storageState: stateWith(base, cookie),
  });
  const page = await context.newPage();
  await page.addInitScript(watchPage);
  await page.goto(`${base}${address}`);
  await page.locator("[data-message]").first().or(page.locator(".in-pick")).waitFor();
  return page;
}

async function loads(browser: Browser, base: string, seeded: Seeded): Promise<void> {
  const times = [];
  for (let at = 0; at < LOADS; at += 1) {
    const page = await opened(browser, base, seeded, `/inbox/${seeded.conversation}`);
    const painted = await page.waitForFunction(() => "notes" in window && Object(window.notes).panes);
    times.push(Number(await painted.jsonValue()));
    if (at === 0) {
      const bytes = await page.evaluate(() =>
        performance
          .getEntriesByType("resource")
          .flatMap((one) =>
            one instanceof PerformanceResourceTiming && one.name.endsWith(".js") ? one.encodedBodySize : [],
          )
          .reduce((sum, size) => sum + size, 0),
      );
      say("JavaScript of a first visit to the inbox, as it was sent", `${(bytes / 1000).toFixed(0)} kB`);
    }
    await page.context().close();
  }
  say(`both panes painted, first visit, median of ${LOADS}`, ms(quantile(times, 0.5)));
}

async function scroll(page: Page, pane: string, row: string, by: number, what: string): Promise<void> {
  await page.locator(pane).hover();
  const sampled = page.evaluate(sampleFrames, [pane, row, SCROLL_MS] satisfies [string, string, number]);
  const until = Date.now() + SCROLL_MS;
  while (Date.now() < until) {
    await page.mouse.wheel(0, by);
    await page.evaluate(() => new Promise((done) => requestAnimationFrame(done)));
  }
  const { frames, blank, skeletons, position } = await sampled;
  const words = `p95 ${ms(quantile(frames, 0.95))}, blank ${blank}, with skeletons ${skeletons} of ${frames.length} frames`;
  say(what, `${words} (at ${position.toFixed(0)} px)`);
}

async function live(page: Page, { shop, pageId, customer }: Seeded): Promise<void> {
  const times = [];
  const before = (await shiftsOf(page)).length;
  for (let at = 0; at < LIVE; at += 1) {
    const painted = page.evaluate(paintedAfter, `live ${at}`);
    await shop.sandbox.write(pageId, customer, `live ${at}`);
    times.push(await painted);
  }
  const moved = await shiftsOf(page);
  say(
    `live frame to paint, ${LIVE} messages`,
    `p50 ${ms(quantile(times, 0.5))}, p95 ${ms(quantile(times, 0.95))}`,
  );
  sayShifts("layout shift while the page was loaded", moved.slice(0, before));
  sayShifts("layout shift while they arrived", moved.slice(before));
}

function shiftsOf(page: Page): Promise<Shift[]> {
  return page.evaluate(() => Object(window).notes.shifts);
}

function sayShifts(what: string, moved: Shift[]): void {
  say(what, moved.reduce((total, { value }) => total + value, 0).toFixed(4));
  for (const { value, sources } of moved) {
    for (const source of sources) say(`  ${value.toFixed(4)}`, source);
  }
}

const house = await startHouse(binary);
try {
  const seeded = await seed(house);
  const executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium";
  const browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu"] });
  try {
    // As for the tests: another build of the app than the one in the binary, with the gateway at GATEWAY_ADDR behind it.
    const base = process.env.APP_URL ?? house.run.spa_url;
    await loads(browser, base, seeded);
    const page = await opened(browser, base, seeded, `/inbox/${seeded.conversation}`);
    await live(page, seeded);
    await scroll(
      page,
      ".in-list-scroll",
      ".in-list-row",
      300,
      `scrolling through ${CONVERSATIONS} conversations`,
    );
    await scroll(
      page,
      ".in-thread-scroll",
      ".in-thread-row",
      -300,
      `scrolling back through ${MESSAGES} messages`,
    );
  } finally {
    await browser.close();
  }
} finally {
  await house.stop();
}
