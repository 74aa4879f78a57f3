import { infiniteQueryOptions, keepPreviousData, queryOptions } from "@tanstack/react-query";
import { getJournalItem, listJournal, summarizeJournal } from "@/api/gen/journal/journal";
import type { ItemOutcome, OutcomeCount } from "@/api/gen/model";
import type { JournalFilter } from "./filter";
import { bounds, type Period } from "./period";

const PAGE = 50;

/** Everything of the journal, to have it read again. */
export const JOURNAL = ["journal"] as const;

export function journalList({ outcome, channel, period }: JournalFilter, zone: string) {
  return infiniteQueryOptions({
    queryKey: [...JOURNAL, "list", outcome, channel, period, zone] as const,
    queryFn: ({ pageParam, signal }) =>
      listJournal(
        {
          limit: PAGE,
          ...bounds(period, zone),
          ...(pageParam === "" ? {} : { cursor: pageParam }),
          ...(outcome === null ? {} : { outcome }),
          ...(channel === null ? {} : { channel_id: channel }),
        },
        { signal },
      ),
    initialPageParam: "",
    getNextPageParam: (last) => last.next_cursor ?? null,
    placeholderData: keepPreviousData,
    staleTime: 0,
  });
}

export function summaryQuery(period: Period, zone: string) {
  return queryOptions({
    queryKey: [...JOURNAL, "summary", period, zone] as const,
    queryFn: ({ signal }) => summarizeJournal(bounds(period, zone), { signal }),
    placeholderData: keepPreviousData,
    staleTime: 0,
  });
}

export function itemQuery(id: string) {
  return queryOptions({
    queryKey: [...JOURNAL, "item", id] as const,
    queryFn: ({ signal }) => getJournalItem(id, { signal }),
    staleTime: 0,
  });
}

/** Items of these are worked off again when no outcome is named. */
const LEAVES_OUT: readonly ItemOutcome[] = ["stored", "deduplicated"];

/** How many items a redrive would take; null where the summary cannot tell: it counts all channels together. */
export function redriveCount(
  counts: readonly OutcomeCount[] | undefined,
  { outcome, channel }: JournalFilter,
): number | null {
  if (counts === undefined || channel !== null) return null;
  return counts
    .filter((one) => (outcome === null ? !LEAVES_OUT.includes(one.outcome) : one.outcome === outcome))
    .reduce((sum, { count }) => sum + count, 0);
}
