// Adds up what a first visit to each route downloads, from the build's manifest, and fails when it is too much.
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { over, routeFiles } from "./manifest.ts";

const KB = 1000;
const words = (namespace: string) => `src/shared/i18n/vi/${namespace}.json`;
const ROUTES = [
  { route: "login", budget: 160, modules: ["src/features/auth/Login.tsx"] },
  { route: "deletion", budget: 160, modules: ["src/features/deletion/Page.tsx", words("deletion")] },
  ...["Invitation", "Reset"].map((name) => ({
    route: name.toLowerCase(),
    budget: 170,
    modules: [`src/features/auth/${name}.tsx`, words("access")],
  })),
  // The console has a frame of its own and nothing of Ant Design.
  {
    route: "console",
    budget: 220,
    modules: ["src/features/console/Page.tsx", words("console"), words("audit"), words("security")],
  },
  { route: "shell", budget: 220, modules: ["src/app/Shell.tsx"] },
  {
    route: "inbox",
    budget: 300,
    modules: ["src/app/Shell.tsx", "src/features/inbox/Page.tsx", words("inbox")],
  },
  ...[
    "products",
    "channels",
    "journal",
    "settings",
    "preview",
    "knowledge",
    "unanswered",
    "replay",
    "dashboard",
  ].map((name) => ({
    route: name,
    budget: 400,
    modules: ["src/app/Shell.tsx", `src/features/${name}/Page.tsx`, words(name)],
  })),
];

const dist = process.argv[2] ?? "dist/app";
const manifest = JSON.parse(readFileSync(`${dist}/.vite/manifest.json`, "utf8"));
const gzipped = (file: string) => gzipSync(readFileSync(`${dist}/${file}`), { level: 9 }).length;
const weigh = (files: string[]) => files.reduce((sum, file) => sum + gzipped(file), 0) / KB;

const rows = ROUTES.map(({ route, budget, modules }) => {
  const { js, css } = routeFiles(manifest, ["index.html", ...modules]);
  return { route, js: weigh(js), css: weigh(css), budget };
});
for (const { route, js, css, budget } of rows) {
  const numbers = `js ${js.toFixed(1).padStart(6)} kB of ${budget}, css ${css.toFixed(1)} kB of 15`;
  process.stdout.write(`${route.padEnd(10)} ${numbers}\n`);
}
const heavy = over(rows);
if (heavy.length > 0) {
  process.stderr.write(`too heavy: ${heavy.join(", ")}\n`);
  process.exit(1);
}
