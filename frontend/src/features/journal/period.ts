import { shiftDay } from "@/shared/time";

/** Whole days by the shop's clock, both inclusive, as "2026-11-22". */
export interface Period {
  from: string;
  to: string;
}

export const PRESETS = ["today", "7", "30"] as const;
export type Preset = (typeof PRESETS)[number];
export type PeriodProblem = "missing" | "order" | "long";

const DAYS: Record<Preset, number> = { today: 1, "7": 7, "30": 30 };
const USUAL: Preset = "7";
/** The server takes 31 days; one in which the clocks are put back is longer than its hours. */
const MOST_DAYS = 30;

export function presetPeriod(preset: Preset, today: string): Period {
  return { from: shiftDay(today, 1 - DAYS[preset]), to: today };
}

function isDay(text: string): boolean {
  return /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(text));
}

export function periodProblem({ from, to }: Period): PeriodProblem | null {
  if (!isDay(from) || !isDay(to)) return "missing";
  if (from > to) return "order";
  return shiftDay(from, MOST_DAYS) <= to ? "long" : null;
}

/** The period that the address names; the usual one when it names none that can be shown. */
export function readPeriod(
  params: URLSearchParams,
  today: string,
): { period: Period; preset: Preset | null } {
  const own = { from: params.get("from") ?? "", to: params.get("to") ?? "" };
  if (periodProblem(own) === null) return { period: own, preset: null };
  const preset = PRESETS.find((one) => one === params.get("period")) ?? USUAL;
  return { period: presetPeriod(preset, today), preset };
}

/** From when until when that is: up to the end of the last day. */
export function bounds({ from, to }: Period, zone: string): Period {
  return { from: startOfDay(from, zone), to: startOfDay(shiftDay(to, 1), zone) };
}

/** When a day begins in a time zone. */
export function startOfDay(day: string, zone: string): string {
  const wanted = Date.parse(`${day}T00:00:00Z`);
  let at = wanted;
  // The second time with the distance that holds there: clocks may have been put forward or back in between.
  for (let time = 0; time < 2; time += 1) at = wanted - aheadOfUtc(at, zone);
  return new Date(at).toISOString();
}

/** How far a zone's clocks are ahead at a moment. */
function aheadOfUtc(at: number, zone: string): number {
  const parts = new Map(
    new Intl.DateTimeFormat("en", {
      timeZone: zone,
      hourCycle: "h23",
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "numeric",
      minute: "numeric",
      second: "numeric",
    })
      .formatToParts(at)
      .map(({ type, value }) => [type, Number(value)]),
  );
  const part = (name: Intl.DateTimeFormatPartTypes) => parts.get(name) ?? 0;
  const shown = Date.UTC(
    part("year"),
    part("month") - 1,
    part("day"),
    part("hour"),
    part("minute"),
    part("second"),
  );
  return shown - Math.floor(at / 1000) * 1000;
}
