import { useCallback, useMemo } from "react";
import { useSearchParams } from "react-router";
import { ENTRY_KINDS } from "@/shared/entry/rules";
import type { EntryFilter } from "./queries";

/** The server takes no longer question than this. */
const LONGEST = 200;

/** The filter lives in the address, so that it survives a reload and can be linked to. */
export function useEntryFilter() {
  const [params, setParams] = useSearchParams();
  const filter = useMemo(() => readFilter(params), [params]);
  const setFilter = useCallback(
    (next: EntryFilter) => {
      setParams(writeFilter(next), { replace: true });
    },
    [setParams],
  );
  return { filter, isFiltered: filter.q !== "" || filter.kind !== null, setFilter };
}

export function readFilter(params: URLSearchParams): EntryFilter {
  const kind = params.get("kind");
  return {
    q: (params.get("q") ?? "").trim().slice(0, LONGEST),
    kind: ENTRY_KINDS.find((one) => one === kind) ?? null,
  };
}

export function writeFilter({ q, kind }: EntryFilter): Record<string, string> {
  return { ...(q === "" ? {} : { q }), ...(kind === null ? {} : { kind }) };
}
