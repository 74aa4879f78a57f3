import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type BrowserContext, test as base, expect, type Page } from "@playwright/test";
import type { RunFile } from "../house/house.ts";
import { psql } from "../house/psql.ts";
import { type Furnished, furnish } from "./furnished.ts";
import { Sandbox } from "./sandbox.ts";
import { login, type Person, platformAdmin, Shop } from "./shop.ts";
import { stateWith } from "./state.ts";
import type { Language } from "./words.ts";

export { expect };

interface Look {
  theme?: "light" | "dark" | "system";
  language?: Language;
  viewport?: { width: number; height: number };
}

interface Fixtures {
  run: RunFile;
  sandbox: Sandbox;
  /** A business of its own. */
  shop: Shop;
  /** A business with another name than most. */
  newShop: (name: string) => Promise<Shop>;
  /** A business that is there already. */
  shopOf: (email: string, password: string) => Promise<Shop>;
  /** Opens an address as somebody who is logged in, or as nobody, in a browser of their own. */
  open: (person: Person | null, address: string, look?: Look) => Promise<Page>;
  /** A shop in the middle of its day that a test may change. */
  furnish: () => Promise<Furnished>;
  /** Where the system keeps its things. */
  home: string;
  /** SQL as the superuser: for what no screen can bring about. */
  sql: (statement: string) => Promise<string>;
}

/** What browsers write by themselves when a request fails: the tests order such failures, and the app has to show them. */
const OWN_WORDS = [/^Failed to load resource/, /^WebSocket connection to/];

/** `furnished` is shared by all tests of a worker: it is only looked at. So is the platform admin, whose codes are few. */
export const test = base.extend<Fixtures & { mended: undefined }, { furnished: Furnished; admin: Person }>({
  // biome-ignore lint/correctness/noEmptyPattern: the runner reads from the pattern what a fixture needs
  run: async ({}, use) => use(runFile()),
  sandbox: async ({ run }, use) => use(new Sandbox(run.sandbox_url)),
  shop: async ({ newShop }, use) => use(await newShop("Tiệm Thử Nghiệm")),
  newShop: async ({ run }, use) => use((name) => Shop.register(run, home(), name)),
  shopOf: async ({ run }, use) => use((email, password) => Shop.of(run, home(), email, password)),
  sql: async ({ run }, use) => use((statement) => psql(run.database_url, statement)),

  furnish: async ({ run }, use) => use(() => furnish(run, home())),

  // biome-ignore lint/correctness/noEmptyPattern: see above
  home: async ({}, use) => use(home()),

  admin: [
    // biome-ignore lint/correctness/noEmptyPattern: see above
    async ({}, use) => use(await platformAdmin(runFile(), home())),
    { scope: "worker", timeout: 240_000 },
  ],

  furnished: [
    // biome-ignore lint/correctness/noEmptyPattern: see above
    async ({}, use) => use(await furnish(runFile(), home())),
    { scope: "worker", timeout: 240_000 },
  ],

  open: async ({ browser, run, baseURL }, use) => {
    const contexts: [BrowserContext, Person | null][] = [];
    const mistakes: string[] = [];
    await use(async (person, address, look = {}) => {
      const origin = baseURL ?? run.spa_url;
      const { viewport } = look;
      const context = await browser.newContext({
        baseURL: origin,
        storageState: await stateOf(origin, run, person, look),
        ...(viewport === undefined ? {} : { viewport }),
      });
      contexts.push([context, person]);
      context.on("page", (page) => watch(page, mistakes));
      const page = await context.newPage();
      await page.goto(address);
      if (address.startsWith("/")) await started(page);
      return page;
    });
    for (const [context, person] of contexts) {
      if (person?.authenticator !== undefined) person.cookie = await cookieOf(context);
      await context.close();
    }
    expect(mistakes, "nothing goes wrong behind the screens").toEqual([]);
  },

  // Faults are the whole stand-in's: none is left for the next test.
  mended: [
    async ({ sandbox }, use) => {
      await use(undefined);
      await sandbox.mend();
    },
    { auto: true },
  ],
});

/** It is known who is there: leaving earlier would lose the answer that renews the session, and with it the session. */
async function started(page: Page): Promise<void> {
  await expect(page.locator("main:not(.app-skeleton)")).toBeVisible();
}

function home(): string {
  const path = process.env.E2E_HOME;
  if (path === undefined) throw new Error("the system was not started");
  return path;
}

function runFile(): RunFile {
  return JSON.parse(readFileSync(join(home(), "run.json"), "utf8"));
}

/** Every mistake that a page makes, and every visit to somewhere else, fails the test. */
function watch(page: Page, mistakes: string[]): void {
  page.on("pageerror", (error) => mistakes.push(`uncaught: ${error.stack ?? error.message}`));
  page.on("console", (message) => {
    const text = message.text();
    if (message.type() === "error" && !OWN_WORDS.some((known) => known.test(text))) {
      mistakes.push(`console: ${text}`);
    }
  });
  page.on("request", (request) => {
    const { protocol, hostname } = new URL(request.url());
    if (protocol.startsWith("http") && hostname !== "127.0.0.1") mistakes.push(`asked ${request.url()}`);
  });
}

/** The session that a browser leaves behind: whoever needs a code for another goes on with it. */
async function cookieOf(context: BrowserContext): Promise<string | null> {
  const [cookie] = await context.cookies();
  return cookie === undefined ? null : `${cookie.name}=${cookie.value}`;
}

async function stateOf(origin: string, run: RunFile, person: Person | null, look: Look) {
  const preferences = { theme: look.theme ?? "light", language: look.language ?? "vi" };
  const kept = [{ name: "cd.preferences", value: JSON.stringify({ state: preferences, version: 1 }) }];
  if (person === null) return { cookies: [], origins: [{ origin, localStorage: kept }] };
  // A refresh token can be spent once: every browser gets a session of its own.
  const { email, password, authenticator } = person;
  const cookie = person.cookie ?? (await login(run.api_url, email, password, authenticator)).cookie;
  person.cookie = null;
  return stateWith(origin, cookie, kept);
}
