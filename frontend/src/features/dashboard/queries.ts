import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { getDashboard } from "@/api/gen/dashboard/dashboard";
import type { Period } from "./period";

const MINUTE = 60_000;

/** The figures of a period in a time zone. Those of today grow, so they are read again each minute. */
export function dashboardQuery(period: Period, zone: string, today: string) {
  return queryOptions({
    queryKey: ["dashboard", period.from, period.to, zone] as const,
    queryFn: ({ signal }) => getDashboard({ ...period, time_zone: zone }, { signal }),
    staleTime: MINUTE,
    refetchInterval: period.to === today ? MINUTE : false,
    placeholderData: keepPreviousData,
  });
}
