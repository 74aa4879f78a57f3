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
  return { filter, isFiltered: Object.keys(writeFilter(filter)).length > 0, setFilter };
}

/** The server takes no longer question than this. */
const LONGEST = 200;
const LONGEST_CATEGORY = 100;

export function readFilter(params: URLSearchParams): ProductFilter {
  const status = params.get("status");
  const low = params.get("low_stock") ?? "";
  const category = (params.get("category") ?? "").trim().slice(0, LONGEST_CATEGORY);
  return {
    q: (params.get("q") ?? "").trim().slice(0, LONGEST),
    status: status === "available" || status === "out_of_stock" ? status : null,
    category: category === "" ? null : category,
    lowStock: /^\d{1,9}$/.test(low) ? Number(low) : null,
  };
}

export function writeFilter({ q, status, category, lowStock }: ProductFilter): Record<string, string> {
  return {
    ...(q === "" ? {} : { q }),
    ...(status === null ? {} : { status }),
    ...(category === null ? {} : { category }),
    ...(lowStock === null ? {} : { low_stock: String(lowStock) }),
  };
}
