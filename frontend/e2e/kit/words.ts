import { readFileSync } from "node:fs";

export type Language = "vi" | "en";
const files = new Map<string, unknown>();

/** What the app says under a key, "inbox:list.search", with values put in. A key that is not there is a mistake of the test. */
export function words(language: Language) {
  return (key: string, values: Record<string, string | number> = {}): string => {
    const [namespace = "", path = ""] = key.split(":");
    const text =
      found(fileOf(language, namespace), path) ?? found(fileOf(language, namespace), `${path}_other`);
    if (text === null) throw new Error(`the app has no words for ${key} in ${language}`);
    return text.replace(/\{\{(\w+)\}\}/g, (_, name: string) => String(values[name] ?? ""));
  };
}

export const vi = words("vi");

/** The same as a pattern in which any value may stand. */
export function pattern(key: string, language: Language = "vi"): RegExp {
  const open = words(language)(key, {}).length;
  const [namespace = "", path = ""] = key.split(":");
  const text =
    found(fileOf(language, namespace), path) ?? found(fileOf(language, namespace), `${path}_other`);
  if (text === null || open === 0) throw new Error(`the app has no words for ${key}`);
  const parts = text.split(/\{\{\w+\}\}/).map(escaped);
  return new RegExp(`^${parts.join(".+")}$`);
}

/** A text as a part of a pattern. */
function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}

function fileOf(language: Language, namespace: string): unknown {
  const name = `src/shared/i18n/${language}/${namespace}.json`;
  if (!files.has(name)) files.set(name, JSON.parse(readFileSync(name, "utf8")));
  return files.get(name);
}

function found(words: unknown, path: string): string | null {
  let at: unknown = words;
  for (const step of path.split(".")) {
    if (typeof at !== "object" || at === null) return null;
    at = Object.entries(at).find(([name]) => name === step)?.[1];
  }
  return typeof at === "string" ? at : null;
}
