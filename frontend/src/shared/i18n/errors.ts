import { ApiError, type FieldError } from "@/api/error";
import { clock, date } from "../time";
import { currentLanguage, i18n } from ".";

/** Waits up to so many seconds are told in seconds. */
const SHORT_WAIT = 120;

/** A failure in the user's words. A code nobody translated gets a general sentence; `requestId` helps whoever is asked. */
export function errorText(error: unknown): string {
  if (!(error instanceof ApiError)) return i18n.t("errors:internal");
  const { retryAfter, retryAt } = error;
  if (error.status !== 429 || retryAfter === null || retryAt === null) return reason(error);
  if (retryAfter <= SHORT_WAIT) return i18n.t("errors:too_many_requests_wait", { count: retryAfter });
  return `${reason(error)} ${i18n.t("errors:again_from", { when: `${clock(retryAt)}, ${date(retryAt)}` })}`;
}

function reason({ code, status }: ApiError): string {
  return byCode(code) ?? (status >= 500 ? i18n.t("errors:internal") : i18n.t("errors:refused"));
}

/** What is wrong with a field, in the user's words. */
export function fieldErrorText(error: FieldError): string {
  return (
    byCode(`field.${error.field}.${error.code}`) ??
    byCode(`field.${error.code}`) ??
    i18n.t("errors:field.invalid")
  );
}

/** The refused fields of a failure by name, in words. Anything else gives none. */
export function fieldErrors(error: unknown): Record<string, string> {
  if (!(error instanceof ApiError)) return {};
  return Object.fromEntries(error.errors.map((entry) => [entry.field, fieldErrorText(entry)]));
}

/** The words for a code that the server made up, so that the compiler cannot know it. */
function byCode(code: string): string | null {
  const text: unknown = i18n.getResource(currentLanguage(), "errors", code);
  return typeof text === "string" ? text : null;
}
