import { expect, type Locator, type Page } from "@playwright/test";
import { pattern, vi } from "./words.ts";

/** Takes one of a few choices. `check()` wants it taken within the click; an address may follow a moment later. */
export async function choose(choice: Locator): Promise<void> {
  await choice.click();
  await expect(choice).toBeChecked();
}

/** What stands in the inbox, as people find it: by role and name. */
export class Inbox {
  readonly page: Page;
  readonly list: Locator;
  readonly thread: Locator;
  readonly composer: Locator;
  readonly panel: Locator;

  constructor(page: Page) {
    this.page = page;
    this.list = page.getByRole("list", { name: vi("inbox:list.label") });
    this.thread = page.getByRole("region", { name: pattern("inbox:thread.label") });
    this.composer = page.getByRole("region", { name: vi("inbox:composer.label") });
    this.panel = page.getByRole("complementary", { name: vi("inbox:panel.label") });
  }

  /** The row of a customer. */
  row(name: string | RegExp): Locator {
    return this.list.getByRole("listitem").filter({ hasText: name }).getByRole("link");
  }

  /** A message in the thread. */
  message(text: string | RegExp): Locator {
    return this.thread.getByRole("article").filter({ hasText: text });
  }

  get text(): Locator {
    return this.composer.getByRole("textbox");
  }

  get search(): Locator {
    return this.page.getByRole("searchbox", { name: vi("inbox:list.search") });
  }

  get send(): Locator {
    return this.composer.getByRole("button", { name: vi("inbox:composer.send"), exact: true });
  }

  async say(text: string): Promise<void> {
    await this.text.fill(text);
    await this.text.press("Enter");
  }

  filter(name: string): Locator {
    return this.page.getByRole("radio", { name: new RegExp(`^${vi(`inbox:filter.${name}`)}`) });
  }

  /** Narrows the list. */
  async choose(filter: string): Promise<void> {
    await choose(this.filter(filter));
  }

  /** The details, opened when they are not. */
  async details(): Promise<Locator> {
    const open = this.page.getByRole("button", { name: vi("inbox:actions.details"), exact: true });
    const close = this.page.getByRole("button", { name: vi("inbox:actions.hideDetails"), exact: true });
    await expect(open.or(close).first()).toBeVisible();
    if (await open.isVisible()) await open.click();
    await expect(this.panel).toBeVisible();
    return this.panel;
  }

  async more(entry: string | RegExp): Promise<void> {
    await this.page.getByRole("button", { name: vi("inbox:actions.more"), exact: true }).click();
    await this.page.getByRole("menuitem", { name: entry }).click();
  }
}
