import { readFileSync } from "node:fs";
import type { Plugin } from "vite";

const PLACE = "<!-- first paint -->";
const FILE = new URL("../src/app/first-paint.js", import.meta.url);

/** Puts the one script that stands in the page itself into its head. The gateway allows it by its digest. */
export function themeSnippet(): Plugin {
  return {
    name: "chatdesk:first-paint",
    transformIndexHtml(html) {
      return html.replace(PLACE, () => `<script>${readFileSync(FILE, "utf8").trim()}</script>`);
    },
  };
}
