import { isRecord } from "@/api/error";

type Check = (value: unknown) => boolean;

export const text: Check = (value) => typeof value === "string";
export const flag: Check = (value) => typeof value === "boolean";
export const whole: Check = (value) => Number.isSafeInteger(value);
export const list =
  (each: Check): Check =>
  (value) =>
    Array.isArray(value) && value.every(each);
export const maybe =
  (check: Check): Check =>
  (value) =>
    value === undefined || value === null || check(value);

/** A guard for what comes over the socket. Names the fields that the app cannot do without; others may be added any time. */
export function shape<T>(fields: Partial<Record<keyof T, Check>>): (value: unknown) => value is T {
  const checks = Object.entries<Check | undefined>(fields);
  return (value): value is T =>
    isRecord(value) && checks.every(([name, check]) => check?.(value[name]) ?? true);
}
