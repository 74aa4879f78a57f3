import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { reloadIfDeployed } from "./reload";

const reload = vi.fn();
const fetched = vi.fn();

beforeEach(() => {
  reload.mockReset();
  fetched.mockReset();
  vi.stubGlobal("location", { reload });
  vi.stubGlobal("fetch", fetched);
});
afterEach(() => vi.unstubAllGlobals());

it("never reloads without a network", async () => {
  fetched.mockRejectedValue(new TypeError("no network"));
  expect(await reloadIfDeployed()).toBe(false);
  expect(reload).not.toHaveBeenCalled();
});

it("reloads once when the server is there, and not in circles", async () => {
  fetched.mockResolvedValue(new Response("ok"));
  sessionStorage.setItem("cd.reloaded", String(Date.now() - 61_000));
  void reloadIfDeployed();
  await vi.waitFor(() => expect(reload).toHaveBeenCalledTimes(1));
});

it("does not reload again soon after", async () => {
  vi.resetModules();
  const anew = await import("./reload");
  fetched.mockResolvedValue(new Response("ok"));
  sessionStorage.setItem("cd.reloaded", String(Date.now() - 1_000));
  expect(await anew.reloadIfDeployed()).toBe(true);
  expect(reload).not.toHaveBeenCalled();
});
