import { useSearchParams } from "react-router";
import { shiftDay } from "@/shared/time";

/** What is looked for among the records, as the server takes it. */
export interface AuditFilter {
  action?: string;
  from?: string;
  to?: string;
}

const DAY = /^\d{4}-\d{2}-\d{2}$/;
const START = "T00:00:00Z";

/** The filter of an address: whole UTC days, both of them taken along. */
export function readAuditFilter(params: URLSearchParams): AuditFilter {
  const action = params.get("action") ?? "";
  const [from, to] = [params.get("from") ?? "", params.get("to") ?? ""];
  return {
    ...(action === "" ? {} : { action }),
    ...(DAY.test(from) ? { from: `${from}${START}` } : {}),
    ...(DAY.test(to) ? { to: `${shiftDay(to, 1)}${START}` } : {}),
  };
}

/** The last day that is looked at, as its field shows it. */
export function lastDay(filter: AuditFilter): string {
  return filter.to === undefined ? "" : shiftDay(filter.to.slice(0, 10), -1);
}

/** What is looked for lives in the address. */
export function useAuditFilter() {
  const [params, setParams] = useSearchParams();
  const change = (name: "action" | "from" | "to", value: string) =>
    setParams(
      (before) => {
        const next = new URLSearchParams(before);
        if (value === "") next.delete(name);
        else next.set(name, value);
        return next;
      },
      { replace: true },
    );
  return { filter: readAuditFilter(params), change };
}
