import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { PALETTES } from "@/shared/ant/theme";

const css = readFileSync("src/shared/ui/tokens.css", "utf8");
const blocks = {
  light: css.split(":root {")[1] ?? "",
  dark: css.split(':root[data-theme="dark"] {')[1] ?? "",
};
const NAMES: Record<string, string> = {
  raised: "bg-raised",
  subtle: "bg-subtle",
  text2: "text-2",
  text3: "text-3",
  primaryFill: "primary-fill",
};

function variable(theme: "light" | "dark", name: string): string {
  const found = new RegExp(`--cd-${name}: (#[0-9a-f]{6});`).exec(blocks[theme].split("}")[0] ?? "");
  if (found?.[1] === undefined) throw new Error(`${theme} has no ${name}`);
  return found[1];
}

/** Contrast ratio by WCAG 2.2. */
function contrast(one: string, other: string): number {
  const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return ((light ?? 0) + 0.05) / ((dark ?? 0) + 0.05);
}

function luminance(color: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(color.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

const BACKGROUNDS = ["bg", "bg-subtle", "bg-hover", "bg-raised", "bg-active"];

describe.each(["light", "dark"] as const)("%s theme", (theme) => {
  it("has the same colours in css and for Ant Design", () => {
    for (const [name, color] of Object.entries(PALETTES[theme])) {
      expect(variable(theme, NAMES[name] ?? name), name).toBe(color);
    }
  });

  it.each(["text", "text-2", "text-3", "primary"])("%s is readable everywhere", (name) => {
    for (const background of BACKGROUNDS) {
      expect(contrast(variable(theme, name), variable(theme, background)), background).toBeGreaterThanOrEqual(
        4.5,
      );
    }
  });

  it.each([
    ["error", "bg"],
    ["error", "bg-subtle"],
    ["error", "error-bg"],
    ["warning", "warning-bg"],
    ["success", "success-bg"],
    ["ai", "ai-bg"],
    ["text", "note-bg"],
    ["on-fill", "primary-fill"],
    ["on-fill", "error-fill"],
  ])("%s on %s is readable", (front, back) => {
    expect(contrast(variable(theme, front), variable(theme, back))).toBeGreaterThanOrEqual(4.5);
  });

  it("has borders of controls that can be seen", () => {
    expect(contrast(variable(theme, "border-strong"), variable(theme, "bg"))).toBeGreaterThanOrEqual(3);
  });
});
