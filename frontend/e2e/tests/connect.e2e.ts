import type { Channel } from "@/api/gen/model";
import { answerAtMeta, signIn } from "../kit/channels.ts";
import { retryUntil } from "../kit/look.ts";
import type { Shop } from "../kit/shop.ts";
import { expect, test } from "../kit/test.ts";
import { vi } from "../kit/words.ts";

/** Pages of the person who logs in at Meta's stand-in. Other tests leave them alone; these give them back. */
const POTTERY = "Gốm Bến Trăng";
const ITS_ACCOUNT = "shop.00200601";

const given: Shop[] = [];

test.afterEach(async () => {
  for (const { api } of given.splice(0)) {
    const { items } = await api.get<{ items: Channel[] }>("/api/channels");
    for (const { id, is_active } of items) if (is_active) await api.call("DELETE", `/api/channels/${id}`);
  }
});

test("pages are connected by login, and one goes to another shop when its owner agrees", async ({
  open,
  newShop,
}) => {
  const [shop, other] = [await newShop("Gốm Thủ Công"), await newShop("Gốm Cô Ba")];
  given.push(shop, other);
  const page = await open(shop.owner, "/channels");
  const login = page.getByRole("button", { name: vi("channels:connect.facebook") }).first();
  const cards = page.getByRole("list", { name: vi("channels:listLabel") });

  await test.step("the person says no", async () => {
    await login.click();
    await answerAtMeta(page, "deny");
    await expect(page.getByText(vi("channels:callback.denied.title"))).toBeVisible();
    await page.getByRole("link", { name: vi("channels:callback.back") }).click();
  });

  await test.step("two of the pages are chosen", async () => {
    const choice = await signIn(page);
    // Nobody who looks over the shoulder, and no history, has the code.
    expect(new URL(page.url()).search + new URL(page.url()).hash).toBe("");
    const row = (name: string) => choice.getByRole("listitem").filter({ hasText: name });
    await expect(row("Tiệm Chiều Gió")).toContainText(vi("channels:choice.state.taken"));
    await expect(row("Xưởng Gỗ Tháng Ba")).toContainText(vi("channels:choice.about.no_right"));
    await row(POTTERY).getByRole("checkbox").check();
    await row(ITS_ACCOUNT).getByRole("checkbox").check();
    await page.getByRole("button", { name: vi("channels:choice.connect", { count: 2 }) }).click();
    for (const name of [POTTERY, ITS_ACCOUNT]) {
      await expect(row(name)).toContainText(vi("channels:choice.progress.done"));
    }
    await page.getByRole("link", { name: vi("channels:choice.finish") }).click();
    await expect(cards.getByRole("listitem")).toHaveCount(2);
  });

  await test.step("a login works once", async () => {
    await page.goto("/channels/callback");
    await expect(page.getByText(vi("channels:callback.nothing.title"))).toBeVisible();
    await page.goto("/channels/callback?code=gia&state=cua-nguoi-khac");
    await expect(page.getByText(vi("channels:callback.foreign.title"))).toBeVisible();
    await expect(page).toHaveURL(/\/channels\/callback$/);
  });

  const theirs = await open(other.owner, "/channels");
  const wanted = theirs
    .getByRole("list", { name: vi("channels:choice.label") })
    .getByRole("listitem")
    .filter({ hasText: POTTERY });

  await test.step("another shop asks for one", async () => {
    await signIn(theirs);
    await wanted.getByRole("button", { name: vi("channels:choice.askNamed", { name: POTTERY }) }).click();
    await expect(wanted).toContainText(vi("channels:choice.asked"));
  });

  await test.step("its owner gives it away", async () => {
    await page.goto("/channels");
    await page.getByRole("button", { name: vi("channels:transfers.acceptNamed", { name: POTTERY }) }).click();
    const dialog = page.getByRole("dialog");
    const give = dialog.getByRole("button", { name: vi("channels:transfers.give.submit") });
    await expect(give).toBeDisabled();
    await dialog.getByRole("textbox").fill(vi("channels:transfers.give.word"));
    await give.click();
    await expect(page.getByText(vi("channels:transfers.incoming.accepted"))).toBeVisible();
    await expect(cards.getByRole("listitem")).toHaveCount(1);
  });

  await test.step("and the other connects it", async () => {
    await theirs.goto("/channels");
    await theirs
      .getByRole("button", { name: vi("channels:transfers.connectNamed", { name: POTTERY }) })
      .click();
    await answerAtMeta(theirs, "allow");
    await expect(wanted).toContainText(vi("channels:choice.state.available"));
    await expect(wanted.getByRole("checkbox")).toBeChecked();
    await theirs.getByRole("button", { name: vi("channels:choice.connect", { count: 1 }) }).click();
    await expect(wanted).toContainText(vi("channels:choice.progress.done"));
    await theirs.getByRole("link", { name: vi("channels:choice.finish") }).click();
    await expect(theirs.getByText(vi("channels:transfers.outgoing.done"))).toBeVisible();
    await expect(theirs.getByRole("list", { name: vi("channels:listLabel") })).toContainText(POTTERY);
  });
});

test("a code that Meta refuses, and no network, have their words", async ({ open, shop }) => {
  const page = await open(shop.owner, "/channels");
  const login = page.getByRole("button", { name: vi("channels:connect.instagram") }).first();

  await test.step("no network", async () => {
    await page.route("**/api/channels/instagram", (route) => route.abort());
    await login.click();
    await answerAtMeta(page, "allow");
    await expect(page.getByText(vi("errors:network"))).toBeVisible();
    await page.unroute("**/api/channels/instagram");
    await retryUntil(page, page.getByRole("list", { name: vi("channels:choice.label") }));
  });

  await test.step("a code that is not Meta's", async () => {
    await page.goto("/channels");
    await page.route("**/api/channels/instagram", async (route) => {
      const body = { ...route.request().postDataJSON(), code: "AQkhongphai" };
      await route.continue({ postData: JSON.stringify(body) });
    });
    await login.click();
    await answerAtMeta(page, "allow");
    await expect(page.getByText(vi("channels:callback.refused.title"))).toBeVisible();
    await expect(page.getByRole("button", { name: vi("channels:callback.again") })).toBeVisible();
  });
});

test("a channel is checked now, and says what is wrong with it", async ({ open, shop, sandbox }) => {
  const { channel, page_id: pageId } = await shop.connect();
  const page = await open(shop.owner, "/channels");
  const card = page.getByRole("list", { name: vi("channels:listLabel") }).getByRole("listitem");
  const check = card.getByRole("button", { name: vi("channels:check.named", { name: channel.page_name }) });
  await check.click();
  await expect(page.getByText(vi("channels:check.well", { name: channel.page_name }))).toBeVisible();
  await sandbox.revoke(pageId);
  await check.click();
  await expect(card).toContainText(vi("channels:state.needs_reconnect"));
  await expect(page.getByText(vi("channels:check.ill", { name: channel.page_name }))).toBeVisible();
});

test("where there is no login at Meta, the token is asked for", async ({ open, shop }) => {
  const page = await open(shop.owner, "/channels");
  await page.route("**/api/channels/oauth/**", (route) =>
    route.fulfill({ status: 409, json: { status: 409, code: "login_not_configured", detail: "no app" } }),
  );
  await page
    .getByRole("button", { name: vi("channels:connect.facebook") })
    .first()
    .click();
  await expect(page.getByRole("dialog")).toContainText(vi("channels:form.onlyWay"));
});

test("a deletion that was asked of Meta is told without logging in", async ({ open, sandbox }) => {
  const code = await sandbox.forgetPerson("10158800123456790");
  const page = await open(null, `/data-deletion?code=${code}`);
  await expect(page.getByText(vi("deletion:done.title"))).toBeVisible();
  await page.goto("/data-deletion?code=khong-co");
  await expect(page.getByText(vi("deletion:unknown.title"))).toBeVisible();
});
