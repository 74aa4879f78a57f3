import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import {
  ERRORS,
  ERRORS_FOR_PROGRAMS,
  FAILURES,
  FIELD_ERRORS,
  IMPORT_ERRORS,
  IMPORT_FAILURES,
  REASONS,
  RULES,
  TROUBLES,
  TROUBLES_AS_STATES,
  WORK_KINDS,
} from "./codes";

/** Words of the failure's own buttons, and for a code that nobody knows. */
const NO_FAILURES = ["retry", "edit", "discard", "discarded", "restore", "other"];
const SERVICES = ["platform", "gateway", "tenants-svc", "inbox-svc", "catalog-svc", "ai-svc"];

describe.each(["vi", "en"])("%s", (language) => {
  it("has words for exactly the codes that there are", () => {
    expect(sorted(words(language, "reasons", "reason"))).toEqual(sorted(Object.values(REASONS).flat()));
    expect(sorted(words(language, "reasons", "rule"))).toEqual(sorted(RULES));
    expect(sorted(words(language, "channels", "trouble"))).toEqual(sorted(TROUBLES));
    expect(sorted(words(language, "inbox", "failure"))).toEqual(
      sorted([...Object.values(FAILURES).flat(), ...NO_FAILURES]),
    );
    expect(sorted(words(language, "errors", ""))).toEqual(sorted(ERRORS));
    expect(sorted(words(language, "errors", "field"))).toEqual(sorted(FIELD_ERRORS));
    expect(sorted(words(language, "console", "kind"))).toEqual(sorted(WORK_KINDS));
    expect(sorted(words(language, "imports", "failure"))).toEqual(sorted(IMPORT_FAILURES));
    // The last is for a code that nobody knows.
    expect(sorted(words(language, "imports", "error"))).toEqual(sorted([...IMPORT_ERRORS, "other"]));
  });
});

describe("the services", () => {
  it("hand over for the reasons that are listed, and block by the rules", () => {
    expect(sorted(arms("ai-svc/src/model.rs", "impl Reason {"))).toEqual(sorted(REASONS.answers));
    expect(sorted(arms("ai-svc/src/guard/rule.rs", "impl Rule {"))).toEqual(sorted(RULES));
  });

  it("fail to send for the causes that are listed", () => {
    expect(sorted(arms("inbox-svc/src/model/outbox.rs", "Cause {"))).toEqual(sorted(FAILURES.ours));
    expect(sorted(arms("meta/src/graph/outcome.rs", "impl RefusedReason {"))).toEqual(sorted(FAILURES.metas));
  });

  it("find the troubles of channels that are listed", () => {
    const known = [...TROUBLES, ...TROUBLES_AS_STATES];
    expect(sorted(arms("tenants-svc/src/health.rs", "impl Trouble {"))).toEqual(sorted(known));
  });

  it("take files over, or not, with codes that are listed", () => {
    const told = sourcesOf("catalog-svc").join("\n");
    const codes = (written: RegExp) => [...told.matchAll(written)].map(([, code = ""]) => code);
    const broken = [...codes(/Broken\("([a-z_]+)"\)/g), ...codes(/ImportState::Failed, "([a-z_]+)"/g)];
    expect(sorted(broken)).toEqual(sorted(IMPORT_FAILURES));
    const refused = codes(/(?:RowError::new\(\s*[^,]+,\s*|\bErr\(\(|invalid\.add\([^,]+,\s*)"([a-z_]+)"/g);
    const known = new Set([...IMPORT_ERRORS, "format_not_supported"]);
    expect(refused).toContain("ambiguous");
    expect(sorted(refused.filter((code) => !known.has(code)))).toEqual([]);
  });

  it("do work of the kinds that are listed", () => {
    const told = ["inbox-svc", "catalog-svc", "tenants-svc"].flatMap(sourcesOf).join("\n");
    const named = /const (?:KIND|EMBED|IMPORT|CLOSE): &(?:'static )?str = "([a-z_]+)"/g;
    expect(sorted([...told.matchAll(named)].map(([, kind = ""]) => kind))).toEqual(sorted(WORK_KINDS));
  });

  it("refuse with codes that are listed", () => {
    const known = new Set([...ERRORS, ...ERRORS_FOR_PROGRAMS]);
    const told = SERVICES.flatMap(sourcesOf).flatMap(errorsIn);
    expect(told).toContain("page_taken");
    expect(sorted(told.filter((code) => !known.has(code)))).toEqual([]);
  });
});

/** The keys of a part of a namespace that have a text of their own, a plural's forms as one. */
function words(language: string, namespace: string, part: string): string[] {
  const all: unknown = JSON.parse(readFileSync(`src/shared/i18n/${language}/${namespace}.json`, "utf8"));
  const node = part === "" ? all : Object.entries(all ?? {}).find(([key]) => key === part)?.[1];
  return Object.entries(node ?? {})
    .filter(([, text]) => typeof text === "string")
    .map(([key]) => key.replace(/_(?:one|other)$/, ""));
}

/** The codes that an enum of a service has for its cases: `Self::Case => "code"`, or `Case = "code"`. */
function arms(file: string, from: string): string[] {
  const text = readFileSync(`../${file}`, "utf8");
  const begin = text.indexOf(from);
  const block = begin < 0 ? "" : text.slice(begin, text.indexOf("\n}", begin));
  return [...block.matchAll(/(?:Self::\w+ =>|\b[A-Z]\w+ =) "([a-z_]+)"/g)].map(([, code = ""]) => code);
}

/** What a service is made of, without its tests. */
function sourcesOf(service: string): string[] {
  const folder = `../${service}/src`;
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".rs") && !/(?:^|\/)(?:tests?|testing)\b/.test(name))
    .map((name) => readFileSync(`${folder}/${name}`, "utf8").split("#[cfg(test)]")[0] ?? "");
}

/** Codes of errors and problems as they are written down; those of fields have tuples of their own. */
function errorsIn(source: string): string[] {
  const written = /(?:Error::\w+ \{\s*code: |Problem::new\(\s*[\w:]+,\s*)"([a-z_]+)"/g;
  return [...source.matchAll(written)].map(([, code = ""]) => code);
}

function sorted(codes: readonly string[]): string[] {
  return [...new Set(codes)].sort();
}
