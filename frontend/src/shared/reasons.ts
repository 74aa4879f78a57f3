import { currentLanguage, i18n } from "./i18n";

// Their words are a namespace of its own, "reasons": a page that uses them names it in its route.

/** Why the assistant is silent or handed over. A newer server may know reasons that there are no words for. */
export function reasonText(code: string): string {
  return byCode(`reason.${code}`) ?? i18n.t("reasons:otherReason", { code });
}

/** Which rule blocked a draft, as it goes on after "blocked because". */
export function ruleText(rule: string): string {
  return byCode(`rule.${rule}`) ?? i18n.t("reasons:otherRule", { rule });
}

/** The words for a code that the server made up, so that the compiler cannot know it. */
function byCode(key: string): string | null {
  const text: unknown = i18n.getResource(currentLanguage(), "reasons", key);
  return typeof text === "string" ? text : null;
}
