import { describe, expect, it } from "vitest";
import { over, routeFiles } from "./manifest.ts";

const manifest = {
  "index.html": {
    file: "assets/index.js",
    css: ["assets/index.css"],
    imports: ["_react.js"],
    dynamicImports: ["src/a.tsx"],
  },
  "_react.js": { file: "assets/react.js" },
  "src/a.tsx": { file: "assets/a.js", css: ["assets/a.css"], imports: ["_react.js", "index.html"] },
};

describe("sizes", () => {
  it("count each file once, and nothing that is only loaded later", () => {
    expect(routeFiles(manifest, ["index.html"])).toEqual({
      js: ["assets/index.js", "assets/react.js"],
      css: ["assets/index.css"],
    });
    const both = routeFiles(manifest, ["index.html", "src/a.tsx"]);
    expect(both.js).toEqual(["assets/index.js", "assets/react.js", "assets/a.js"]);
  });

  it("refuse a module that is not in the build", () => {
    expect(() => routeFiles(manifest, ["src/gone.tsx"])).toThrow("src/gone.tsx");
  });

  it("say what is too heavy", () => {
    const row = { route: "login", js: 161, css: 16, budget: 160 };
    expect(over([row])).toEqual(["login js 161.0 > 160 kB", "login css 16.0 > 15 kB"]);
    expect(over([{ ...row, js: 160, css: 1 }])).toEqual([]);
  });
});
