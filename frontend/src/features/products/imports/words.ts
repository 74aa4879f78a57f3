import type { ImportError } from "@/api/gen/model";
import { currentLanguage, i18n } from "@/shared/i18n";

/** What is wrong with a product of a file. A code that nobody translated gets a general sentence. */
export function rowErrorText({ field, code }: Pick<ImportError, "field" | "code">): string {
  const name = plain(field);
  const text =
    word(`error.${name}.${code}`) ?? word(`error.${code}`) ?? i18n.t("imports:error.other", { code });
  return text;
}

/** What the field is called; one that nobody named shows itself. */
export function fieldText(field: string): string {
  const name = plain(field);
  return word(`field.${name}`) ?? word(`field.${name.split("_")[0] ?? ""}`) ?? field;
}

/** Why a file could not be taken over at all. */
export function failureText(code: string | null | undefined): string {
  return word(`failure.${code ?? ""}`) ?? i18n.t("imports:failure.internal");
}

/** "variants[3].price" is "variants_price", "image_urls[2]" is "image_urls". */
function plain(field: string): string {
  return field.replace(/\[\d+\]/g, "").replace(/\./g, "_");
}

/** The words for a code that the server made up, so that the compiler cannot know it. */
function word(key: string): string | null {
  const text: unknown = i18n.getResource(currentLanguage(), "imports", key);
  return typeof text === "string" ? text : null;
}
