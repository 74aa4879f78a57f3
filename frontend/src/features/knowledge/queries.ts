import {
  type InfiniteData,
  infiniteQueryOptions,
  keepPreviousData,
  type QueryClient,
} from "@tanstack/react-query";
import { listEntries } from "@/api/gen/entries/entries";
import type { Entry, EntryKind, ListEntry } from "@/api/gen/model";

export interface EntryFilter {
  q: string;
  kind: EntryKind | null;
}

type Pages = InfiniteData<ListEntry, string>;

/** Everything about entries, also what other pages read of them. */
const ENTRIES = ["entries"] as const;
const LISTS = ["entries", "list"] as const;
const PAGE = 50;

export function entryList({ q, kind }: EntryFilter) {
  return infiniteQueryOptions({
    queryKey: [...LISTS, q, kind] as const,
    queryFn: ({ pageParam, signal }) =>
      listEntries(
        {
          limit: PAGE,
          ...(pageParam === "" ? {} : { cursor: pageParam }),
          ...(q === "" ? {} : { q }),
          ...(kind === null ? {} : { kind }),
        },
        { signal },
      ),
    initialPageParam: "",
    getNextPageParam: (last) => last.next_cursor ?? null,
    // Typing into the search changes the list, it does not blink.
    placeholderData: keepPreviousData,
    refetchInterval: ({ state }) => lookAgainAfter(state.data, state.dataUpdateCount),
  });
}

const FIRST_MS = 2_000;
const LONGEST_MS = 30_000;

/** While an entry is learned the list is looked at again, ever more seldom; false when none is. */
export function lookAgainAfter(pages: Pages | undefined, looks: number): number | false {
  const waits = pages?.pages.some(({ items }) => items.some((entry) => entry.embedding_status === "pending"));
  return waits ? Math.min(LONGEST_MS, FIRST_MS * 1.5 ** Math.max(0, looks - 1)) : false;
}

export function withoutEntry(pages: Pages, id: string): Pages {
  return {
    ...pages,
    pages: pages.pages.map((page) => ({ ...page, items: page.items.filter((entry) => entry.id !== id) })),
  };
}

/** The pages with an entry's new state, in its place. */
export function withEntry(pages: Pages, entry: Entry): Pages {
  return {
    ...pages,
    pages: pages.pages.map((page) => ({
      ...page,
      items: page.items.map((one) => (one.id === entry.id ? entry : one)),
    })),
  };
}

export function putEntry(client: QueryClient, entry: Entry): void {
  client.setQueriesData<Pages>({ queryKey: LISTS }, (pages) => pages && withEntry(pages, entry));
}

export function dropEntry(client: QueryClient, id: string): void {
  client.setQueriesData<Pages>({ queryKey: LISTS }, (pages) => pages && withoutEntry(pages, id));
}

export function reloadEntries(client: QueryClient): void {
  void client.invalidateQueries({ queryKey: ENTRIES });
}
