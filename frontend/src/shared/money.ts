import { currentLanguage } from "./i18n";

/** The locale that numbers and dates follow. */
export function locale(): string {
  return currentLanguage() === "en" ? "en-GB" : "vi-VN";
}

/** An amount as the server tells it, a decimal text with its currency, as people write it: "129.000 ₫". */
export function money(amount: string, currency: string): string {
  const number = Number(amount);
  if (!Number.isFinite(number)) return `${amount} ${currency}`;
  try {
    return new Intl.NumberFormat(locale(), { style: "currency", currency }).format(number);
  } catch {
    return `${amount} ${currency}`;
  }
}

export function number(value: number, digits = 0): string {
  return new Intl.NumberFormat(locale(), { maximumFractionDigits: digits }).format(value);
}

/** A share from 0 to 1 as per cent. */
export function percent(share: number): string {
  return new Intl.NumberFormat(locale(), { style: "percent", maximumFractionDigits: 0 }).format(share);
}

/** An amount as typed, with the separators of either language, as the server takes it; null when it is none. */
export function parseAmount(typed: string, currency: string): string | null {
  const text = typed.replace(/[\s\u00a0₫đ$€]/gu, "");
  const decimals = fractionDigits(currency);
  if (decimals === 0) {
    const digits = text.replace(/[.,]/g, "");
    const grouped = /^\d{1,3}([.,]\d{3})+$/.test(text);
    return /^\d+$/.test(text) || grouped ? digits.replace(/^0+(?=\d)/, "") : null;
  }
  const point = Math.max(text.lastIndexOf("."), text.lastIndexOf(","));
  const isPoint = point >= 0 && text.length - point - 1 <= decimals;
  const whole = (isPoint ? text.slice(0, point) : text).replace(/[.,]/g, "");
  const rest = isPoint ? text.slice(point + 1) : "";
  if (!/^\d+$/.test(whole) || !/^\d*$/.test(rest)) return null;
  return rest === "" ? whole : `${whole}.${rest}`;
}

function fractionDigits(currency: string): number {
  try {
    const format = new Intl.NumberFormat("en", { style: "currency", currency });
    return format.resolvedOptions().maximumFractionDigits ?? 2;
  } catch {
    return 2;
  }
}
