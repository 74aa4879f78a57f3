import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

const WORDS = "src/shared/i18n";
const namespaces = readdirSync(`${WORDS}/vi`).map((name) => name.replace(/\.json$/, ""));
/** "too_many" is a code. */
const PLURAL = /(?<!\btoo)_(?:zero|one|two|few|many|other)$/;

/** Every key with its text, "a.b" for nested ones. */
function flat(node: unknown, path = ""): Map<string, string> {
  if (typeof node === "string") return new Map([[path, node]]);
  if (typeof node !== "object" || node === null) throw new Error(`${path} is no text`);
  return new Map(
    Object.entries(node).flatMap(([key, value]) => [...flat(value, path ? `${path}.${key}` : key)]),
  );
}

const read = (language: string, namespace: string) =>
  flat(JSON.parse(readFileSync(`${WORDS}/${language}/${namespace}.json`, "utf8")));
const base = (key: string) => key.replace(PLURAL, "");
const holes = (text: string) => [...new Set(text.match(/\{\{\s*[^}]+\}\}|<\/?\w+\/?>/g))].sort();

describe("words", () => {
  it("are there in both languages", () => {
    expect(readdirSync(`${WORDS}/en`).map((name) => name.replace(/\.json$/, ""))).toEqual(namespaces);
  });

  it.each(namespaces)("%s: the same keys with the same gaps, none empty", (namespace) => {
    const [vi, en] = [read("vi", namespace), read("en", namespace)];
    expect([...new Set([...en.keys()].map(base))].sort()).toEqual(
      [...new Set([...vi.keys()].map(base))].sort(),
    );
    for (const [key, text] of [...vi, ...en]) expect(text.trim(), key).not.toBe("");
    for (const [key, text] of vi) {
      const other = en.get(key);
      if (other !== undefined) expect(holes(other), key).toEqual(holes(text));
    }
  });

  it.each(namespaces)("%s: plurals have the forms of their language", (namespace) => {
    const forms = { vi: ["other"], en: ["one", "other"] };
    for (const language of ["vi", "en"] as const) {
      const keys = [...read(language, namespace).keys()];
      for (const key of keys.filter((one) => PLURAL.test(one))) {
        for (const form of forms[language])
          expect(keys, `${language} ${key}`).toContain(`${base(key)}_${form}`);
      }
    }
  });

  it.each(namespaces.filter((name) => name !== "errors"))("%s: every key is used", (namespace) => {
    const uses = usesIn(sources());
    const unused = [...new Set([...read("vi", namespace).keys()].map(base))].filter(
      (key) => !isUsed(uses, namespace, key),
    );
    expect(unused).toEqual([]);
  });
});

/**
 * A key stands somewhere as a literal, with or without its namespace, or fits a template. Other texts in quotes look like short
 * keys, as the type of a field does: what says nothing of words around it does not count.
 */
function isUsed(uses: Uses, namespace: string, key: string): boolean {
  if (uses.literals.has(key) || uses.literals.has(`${namespace}:${key}`)) return true;
  return uses.templates.some((pattern) => pattern.test(key) || pattern.test(`${namespace}:${key}`));
}

interface Uses {
  literals: Set<string>;
  templates: RegExp[];
}

const LITERAL = /(?<!=)(?:"([\w:.]+)"|`([\w:.]+)`)/g;
const TEMPLATE = /`([\w:.]*\$\{[^}`]+\}[\w:.]*(?:\$\{[^}`]+\}[\w:.]*)*)`/g;

function usesIn(source: string): Uses {
  const literals = new Set([...source.matchAll(LITERAL)].map(([, one, other]) => one ?? other ?? ""));
  const templates = [...source.matchAll(TEMPLATE)]
    .map(([, text = ""]) => text)
    // A template without words of its own would fit everything.
    .filter((text) => /^[\w:]+[.:_]/.test(text))
    .map((text) => new RegExp(`^${text.replaceAll(".", "\\.").replace(/\$\{[^}]+\}/g, "[\\w]+")}$`));
  return { literals, templates };
}

let all: string | undefined;
function sources(): string {
  all ??= readdirSync("src", { recursive: true, encoding: "utf8" })
    .filter(
      (name) => /\.tsx?$/.test(name) && !name.includes(".test.") && !name.startsWith(join("api", "gen")),
    )
    .map((name) => readFileSync(join("src", name), "utf8"))
    .join("\n");
  return all;
}
