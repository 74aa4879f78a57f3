import { useSearchParams } from "react-router";
import type { ItemOutcome } from "@/api/gen/model";
import { useSession } from "@/api/session";
import { DEFAULT_ZONE, dayOf } from "@/shared/time";
import { type Period, type Preset, readPeriod } from "./period";

/** What needs somebody first. */
export const OUTCOMES = [
  "failed",
  "waiting",
  "parked",
  "ignored",
  "stored",
  "status",
  "deduplicated",
] as const satisfies readonly ItemOutcome[];

export interface JournalFilter {
  outcome: ItemOutcome | null;
  channel: string | null;
  period: Period;
  preset: Preset | null;
}

/** What is looked at lives in the address, so that it survives a reload and can be passed on. */
export function useJournalFilter() {
  const [params, setParams] = useSearchParams();
  const zone = useSession((state) => state.user?.time_zone) ?? DEFAULT_ZONE;
  const filter = readFilter(params, dayOf(Date.now(), zone));
  /** Changes some of it; null takes one out. */
  const change = (wish: Record<string, string | null>) =>
    setParams(
      (before) => {
        const next = new URLSearchParams(before);
        for (const [name, value] of Object.entries(wish)) {
          if (value === null || value === "") next.delete(name);
          else next.set(name, value);
        }
        return next;
      },
      { replace: true },
    );
  return { filter, zone, item: params.get("item"), change };
}

export function readFilter(params: URLSearchParams, today: string): JournalFilter {
  return {
    outcome: OUTCOMES.find((one) => one === params.get("outcome")) ?? null,
    channel: params.get("channel"),
    ...readPeriod(params, today),
  };
}
