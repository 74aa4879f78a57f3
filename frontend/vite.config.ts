import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";
import { precompressed } from "./scripts/precompressed.ts";
import { themeSnippet } from "./scripts/theme-snippet.ts";

const gateway = process.env.CHATDESK_GATEWAY ?? "http://127.0.0.1:8080";

export default defineConfig({
  plugins: [react(), themeSnippet(), precompressed()],
  resolve: { alias: { "@": fileURLToPath(new URL("./src", import.meta.url)) } },
  build: {
    // What browsers of the last two years share; older ones would only get more bytes.
    target: ["chrome111", "firefox114", "safari16.4"],
    // The folder above is tracked, so that a build of the binary can tell when the app was built.
    outDir: "dist/app",
    manifest: true,
    reportCompressedSize: false,
    assetsInlineLimit: 0,
  },
  server: {
    port: 5173,
    proxy: {
      "/api": {
        target: gateway,
        // The gateway takes what begins or ends a session from pages of its own origin only.
        configure: (proxy) => {
          proxy.on("proxyReq", (request) => request.setHeader("origin", gateway));
        },
      },
      // The gateway opens sockets only for pages of its own origin.
      "/ws": { target: gateway, ws: true, changeOrigin: true, rewriteWsOrigin: true },
    },
  },
  test: {
    environment: "jsdom",
    setupFiles: ["./test/setup.ts"],
    // A slow machine makes a test slow, not wrong.
    testTimeout: 30_000,
    hookTimeout: 30_000,
    expect: { poll: { timeout: 10_000 } },
    restoreMocks: true,
    unstubGlobals: true,
  },
});
