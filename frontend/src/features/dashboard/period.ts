import { shiftDay } from "@/shared/time";

/** A period of whole days, both inclusive, as "2026-11-22". */
export interface Period {
  from: string;
  to: string;
}

export const PRESETS = ["today", "7", "30", "90"] as const;
export type Preset = (typeof PRESETS)[number];
export type PeriodProblem = "missing" | "order" | "future" | "long";

const DAYS: Record<Preset, number> = { today: 1, "7": 7, "30": 30, "90": 90 };
const MOST_DAYS = 366;
const USUAL: Preset = "7";

export function presetPeriod(preset: Preset, today: string): Period {
  return { from: shiftDay(today, 1 - DAYS[preset]), to: today };
}

/** Days from the first to the last, both counted. */
export function daysIn({ from, to }: Period): number {
  return Math.round((Date.parse(to) - Date.parse(from)) / 86_400_000) + 1;
}

function isDay(text: string): boolean {
  return /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(text));
}

/** What is wrong with a period, by the field it belongs to. */
export function periodProblems(
  { from, to }: Period,
  today: string,
): Partial<Record<"from" | "to", PeriodProblem>> {
  if (!isDay(from)) return { from: "missing" };
  if (!isDay(to)) return { to: "missing" };
  if (to > today) return { to: "future" };
  if (from > to) return { to: "order" };
  return daysIn({ from, to }) > MOST_DAYS ? { from: "long" } : {};
}

/** The period that the address names; the usual one when it names none that can be shown. */
export function readPeriod(
  params: URLSearchParams,
  today: string,
): { period: Period; preset: Preset | null } {
  const own = { from: params.get("from") ?? "", to: params.get("to") ?? "" };
  if (Object.keys(periodProblems(own, today)).length === 0) return { period: own, preset: null };
  const preset = PRESETS.find((one) => one === params.get("period")) ?? USUAL;
  return { period: presetPeriod(preset, today), preset };
}
