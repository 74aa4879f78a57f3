import { defineConfig } from "@playwright/test";

const executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium";

export default defineConfig({
  testDir: "e2e/tests",
  testMatch: "*.e2e.ts",
  globalSetup: "./e2e/setup.ts",
  outputDir: "test-results",
  // Faults that one test orders of the stand-in would hit another's calls.
  workers: 1,
  fullyParallel: false,
  // A test that passes the second time is broken.
  retries: 0,
  forbidOnly: true,
  maxFailures: 0,
  // A slow machine is no defect: these only end what hangs.
  timeout: 120_000,
  expect: { timeout: 20_000 },
  reporter: [["list"]],
  use: {
    browserName: "chromium",
    // Unset: the app that is in the binary. Set: another build of it, with the gateway at GATEWAY_ADDR behind it.
    ...(process.env.APP_URL === undefined ? {} : { baseURL: process.env.APP_URL }),
    locale: "vi-VN",
    timezoneId: "Asia/Ho_Chi_Minh",
    viewport: { width: 1440, height: 900 },
    actionTimeout: 20_000,
    navigationTimeout: 30_000,
    trace: "retain-on-failure",
    launchOptions: {
      executablePath,
      args: [
        // The sandbox of a browser needs rights that root in a container does not have; it sees our own pages only.
        "--no-sandbox",
        "--disable-gpu",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--no-first-run",
        "--disable-quic",
        // A wheel's turn is over at once, so that nothing is measured on the way.
        "--disable-smooth-scrolling",
      ],
    },
  },
});
