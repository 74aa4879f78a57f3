import { useCallback, useMemo } from "react";
import { useSearchParams } from "react-router";
import type { ProductFilter } from "./queries";

/** The filter lives in the address, so that it survives a reload and can be shared. */
export function useProductFilter() {
  const [params, setParams] = useSearchParams();
  const filter = useMemo(() => readFilter(params), [params]);
  const setFilter = useCallback(
    (next: ProductFilter) => {
      setParams(writeFilter(next), { replace: true });
    },
    [setParams],
  );
  return { filter, isFiltered: filter.q !== "" || filter.status !== null, setFilter };
}

/** The server takes no longer question than this. */
const LONGEST = 200;

export function readFilter(params: URLSearchParams): ProductFilter {
  const status = params.get("status");
  return {
    q: (params.get("q") ?? "").trim().slice(0, LONGEST),
    status: status === "available" || status === "out_of_stock" ? status : null,
  };
}

export function writeFilter({ q, status }: ProductFilter): Record<string, string> {
  return { ...(q === "" ? {} : { q }), ...(status === null ? {} : { status }) };
}
