import { afterEach, expect, it, vi } from "vitest";

afterEach(() => {
  vi.unstubAllEnvs();
  vi.resetModules();
});

it.each([
  ["", "/api/file?ticket=1"],
  ["https://api.shop.test", "https://api.shop.test/api/file?ticket=1"],
])("sends the browser to where the API is: %s", async (url, wanted) => {
  vi.stubEnv("VITE_API_URL", url);
  vi.resetModules();
  const { addressOf } = await import("./wire");
  expect(addressOf("/api/file?ticket=1")).toBe(wanted);
});
