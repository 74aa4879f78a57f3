import { useSession } from "@/api/session";
import { locale } from "./money";

export const DEFAULT_ZONE = "Asia/Ho_Chi_Minh";

/** The shop's time zone, which all dates follow wherever the browser is. */
export function shopZone(): string {
  return useSession.getState().user?.time_zone ?? DEFAULT_ZONE;
}

const formats = new Map<string, Intl.DateTimeFormat>();

function format(options: Intl.DateTimeFormatOptions, zone: string): Intl.DateTimeFormat {
  const key = `${locale()} ${zone} ${JSON.stringify(options)}`;
  const known = formats.get(key);
  if (known !== undefined) return known;
  const made = make(options, zone);
  formats.set(key, made);
  return made;
}

function make(options: Intl.DateTimeFormatOptions, zone: string): Intl.DateTimeFormat {
  try {
    return new Intl.DateTimeFormat(locale(), { ...options, timeZone: zone });
  } catch {
    // The server's list of time zones may be newer than this browser's.
    return new Intl.DateTimeFormat(locale(), { ...options, timeZone: DEFAULT_ZONE });
  }
}

/** "14:05" */
export function clock(at: string | number, zone = shopZone()): string {
  return format({ hour: "2-digit", minute: "2-digit", hour12: false }, zone).format(new Date(at));
}

/** "22/11/2026, 14:05:09": for titles and details. */
export function fullTime(at: string | number, zone = shopZone()): string {
  return format({ dateStyle: "short", timeStyle: "medium", hour12: false }, zone).format(new Date(at));
}

/** "22/11/2026" */
export function date(at: string | number, zone = shopZone()): string {
  return format({ day: "2-digit", month: "2-digit", year: "numeric" }, zone).format(new Date(at));
}

/** "22/11" */
export function shortDate(at: string | number, zone = shopZone()): string {
  const [, month, day] = dayOf(at, zone).split("-");
  return `${day}/${month}`;
}

/** The calendar day in a time zone, "2026-11-22": equal texts are the same day, and they sort. */
export function dayOf(at: string | number, zone = shopZone()): string {
  const parts = new Map(
    format({ day: "2-digit", month: "2-digit", year: "numeric" }, zone)
      .formatToParts(new Date(at))
      .map((part) => [part.type, part.value]),
  );
  return `${parts.get("year")}-${parts.get("month")}-${parts.get("day")}`;
}

/** The day before or after another, both as `dayOf` gives them. */
export function shiftDay(day: string, by: number): string {
  const at = new Date(`${day}T00:00:00Z`);
  at.setUTCDate(at.getUTCDate() + by);
  return at.toISOString().slice(0, 10);
}

/** How a day is called: its separator says today, yesterday, or the date. */
export type DayName = { kind: "today" } | { kind: "yesterday" } | { kind: "date"; text: string };

export function dayName(at: string | number, now: number, zone = shopZone()): DayName {
  const day = dayOf(at, zone);
  const today = dayOf(now, zone);
  if (day === today) return { kind: "today" };
  if (day === shiftDay(today, -1)) return { kind: "yesterday" };
  const sameYear = day.slice(0, 4) === today.slice(0, 4);
  return { kind: "date", text: sameYear ? shortDate(at, zone) : date(at, zone) };
}

/** Hours and minutes until a moment, rounded up to the minute; null when it has passed. */
export function remaining(until: string, now: number): { hours: number; minutes: number } | null {
  const minutes = Math.ceil((Date.parse(until) - now) / 60_000);
  if (!(minutes > 0)) return null;
  return { hours: Math.floor(minutes / 60), minutes: minutes % 60 };
}

/** A length of time in seconds in words of the language: "2 phút", "1 giờ 5 phút". */
export function duration(seconds: number): string {
  const unit = (value: number, name: "second" | "minute" | "hour") =>
    new Intl.NumberFormat(locale(), { style: "unit", unit: name, unitDisplay: "long" }).format(value);
  if (seconds < 60) return unit(Math.round(seconds), "second");
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return unit(minutes, "minute");
  const rest = minutes % 60;
  const hours = unit(Math.floor(minutes / 60), "hour");
  return rest === 0 ? hours : `${hours} ${unit(rest, "minute")}`;
}

/** "Asia/Ho_Chi_Minh" as people read it: "Asia/Ho Chi Minh (GMT+7)". */
export function zoneLabel(name: string, at: Date): string {
  const words = name.replaceAll("_", " ");
  try {
    const parts = new Intl.DateTimeFormat("en", {
      timeZone: name,
      timeZoneName: "shortOffset",
    }).formatToParts(at);
    const offset = parts.find(({ type }) => type === "timeZoneName")?.value;
    return offset === undefined ? words : `${words} (${offset})`;
  } catch {
    return words;
  }
}
