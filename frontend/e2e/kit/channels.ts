import { expect, type Locator, type Page } from "@playwright/test";
import type { Platform } from "@/api/gen/model";
import { vi, type words } from "./words.ts";

/** Opens the form for a page's id and token. */
export async function tokenForm(page: Page, platform: Platform, t: ReturnType<typeof words> = vi) {
  await page
    .getByRole("button", { name: t("channels:connect.advanced") })
    .first()
    .click();
  await page.getByRole("menuitem", { name: t(`channels:connect.${platform}Token`) }).click();
  await expect(page.getByRole("dialog")).toBeVisible();
}

/** Goes to Meta's login, as its stand-in shows it, and answers there. */
export async function answerAtMeta(page: Page, answer: "allow" | "deny"): Promise<void> {
  await page.getByRole("button", { name: answer === "allow" ? "Cho phép" : "Từ chối", exact: true }).click();
  await page.waitForURL(/\/channels\/callback$/);
}

/** From the channels to the choice of pages. */
export async function signIn(
  page: Page,
  t: ReturnType<typeof words> = vi,
  platform: Platform = "facebook",
): Promise<Locator> {
  await page
    .getByRole("button", { name: t(`channels:connect.${platform}`) })
    .first()
    .click();
  await answerAtMeta(page, "allow");
  const choice = page.getByRole("list", { name: t("channels:choice.label") });
  await expect(choice).toBeVisible();
  return choice;
}
