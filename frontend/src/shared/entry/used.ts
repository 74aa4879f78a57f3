import { queryOptions } from "@tanstack/react-query";
import { listEntries } from "@/api/gen/entries/entries";
import type { Entry, ListEntry } from "@/api/gen/model";

/** The most that one page holds. */
const MOST = 200;

/** The entries with these ids, those that are still there. There is no way to ask for one: the list is read until they are found. */
export function usedEntriesQuery(ids: readonly string[]) {
  return queryOptions({
    queryKey: ["entries", "used", ...ids],
    queryFn: async ({ signal }) => {
      const found: Entry[] = [];
      let cursor: string | null = "";
      while (cursor !== null && found.length < ids.length) {
        const page: ListEntry = await listEntries(
          { limit: MOST, ...(cursor === "" ? {} : { cursor }) },
          { signal },
        );
        found.push(...page.items.filter(({ id }) => ids.includes(id)));
        cursor = page.next_cursor ?? null;
      }
      return found;
    },
    staleTime: 60_000,
    enabled: ids.length > 0,
  });
}
