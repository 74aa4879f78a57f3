import { currentLanguage, i18n } from "@/shared/i18n";
import type { InboxWords } from "./words";

/** The words for a code that the server made up, so that the compiler cannot know it. */
function known(code: string, key: string): string | null {
  if (!/^[a-z_]+$/.test(code) || code === "other") return null;
  const text: unknown = i18n.exists(`inbox:${key}`)
    ? i18n.getResource(currentLanguage(), "inbox", key)
    : null;
  return typeof text === "string" ? text : null;
}

/** Why a message did not go out, where it is known. */
export function knownFailure(code: string): string | null {
  return known(code, `failure.${code}`);
}

/** Why a message did not go out. */
export function failureWord(code: string, t: InboxWords): string {
  return known(code, `failure.${code}`) ?? t("failure.other");
}
