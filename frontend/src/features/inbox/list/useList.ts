import { useInfiniteQuery } from "@tanstack/react-query";
import { useEffect, useMemo, useRef, useState } from "react";
import type { Conversation } from "@/api/gen/model";
import { listOptions } from "../data/conversations";
import { allItems, PAGE } from "../data/pages";
import type { Wanted } from "../data/wanted";
import { steadyOrder } from "./order";

/** Fetch the next page when so many rows are left below the screen. */
const AHEAD = 25;

/** The list's rows as they are drawn, and what fetches more of them. */
export function useList(wanted: Wanted, open: Conversation | null) {
  const query = useInfiniteQuery(listOptions(wanted));
  const [pointed, setPointed] = useState<string | null>(null);
  const drawn = useRef<{ wanted: Wanted; ids: string[] }>({ wanted, ids: [] });
  const items = useMemo(() => allItems(query.data), [query.data]);
  const before = drawn.current.wanted === wanted ? drawn.current.ids : [];
  const rows = steadyOrder(items, before, { pointed, open });
  useEffect(() => {
    drawn.current = { wanted, ids: rows.map(({ id }) => id) };
  });
  // Pages that were let go at the beginning keep their room, so that nothing on screen moves.
  const gone = (query.data?.pageParams[0]?.trail.length ?? 0) * PAGE;
  const { hasNextPage, hasPreviousPage, isFetching, fetchNextPage, fetchPreviousPage } = query;
  // After a failure it is a person who tries again: each step of scrolling would.
  const hasFailed = query.isFetchNextPageError || query.isFetchPreviousPageError;
  const again = () => void (query.isFetchPreviousPageError ? fetchPreviousPage() : fetchNextPage());
  const wantMore = (first: number, last: number) => {
    if (isFetching || hasFailed) return;
    if (hasPreviousPage && first < gone + AHEAD) void fetchPreviousPage();
    else if (hasNextPage && last > gone + rows.length - AHEAD) void fetchNextPage();
  };
  return { query, rows, gone, wantMore, setPointed, retryMore: hasFailed && !isFetching ? again : null };
}
