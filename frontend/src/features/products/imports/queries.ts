import { infiniteQueryOptions, type QueryClient, queryOptions } from "@tanstack/react-query";
import type { Import, ImportOutcome } from "@/api/gen/model";
import { getImport, listImportRows, listImports } from "@/api/gen/products/products";

/** The socket tells how far a file is; asking is the net for what it does not tell. */
const LOOK_MS = 1_500;

export function isOver({ state }: Import): boolean {
  return state === "done" || state === "failed" || state === "cancelled";
}

export const importsQuery = queryOptions({
  queryKey: ["imports", "list"] as const,
  queryFn: async ({ signal }): Promise<Import[]> => (await listImports({ signal })).items,
  staleTime: 5_000,
});

export function oneImport(id: string) {
  return queryOptions({
    queryKey: ["imports", "one", id] as const,
    queryFn: ({ signal }) => getImport(id, { signal }),
    refetchInterval: ({ state }) => (state.data === undefined || isOver(state.data) ? false : LOOK_MS),
    // What was heard meanwhile may be newer than the answer.
    structuralSharing: (before, found) => newer(before, found),
  });
}

/** What became of the products of a file. */
export function importRows(id: string, outcome: ImportOutcome) {
  return infiniteQueryOptions({
    queryKey: ["imports", "rows", id, outcome] as const,
    queryFn: ({ pageParam, signal }) =>
      listImportRows(
        id,
        { outcome, limit: 50, ...(pageParam === "" ? {} : { cursor: pageParam }) },
        { signal },
      ),
    initialPageParam: "",
    getNextPageParam: (last) => last.next_cursor ?? null,
    staleTime: Number.POSITIVE_INFINITY,
  });
}

const RANK: Record<Import["state"], number> = { queued: 0, running: 1, done: 2, failed: 2, cancelled: 2 };

/** Of two states of a file the one that is further. */
export function further(one: Import, other: Import): Import {
  const [rank, than] = [RANK[one.state], RANK[other.state]];
  if (rank !== than) return rank > than ? one : other;
  return one.rows_done >= other.rows_done ? one : other;
}

function newer(before: unknown, found: unknown): unknown {
  return isImport(before) && isImport(found) && before.id === found.id ? further(found, before) : found;
}

function isImport(value: unknown): value is Import {
  return typeof value === "object" && value !== null && "rows_done" in value && "state" in value;
}

/** Puts how far a file is wherever it is shown. */
export function putImport(client: QueryClient, found: Import): void {
  client.setQueryData(oneImport(found.id).queryKey, (old) => (old === undefined ? old : further(found, old)));
  client.setQueryData(importsQuery.queryKey, (list) => {
    if (list === undefined) return list;
    const isKnown = list.some(({ id }) => id === found.id);
    return isKnown ? list.map((one) => (one.id === found.id ? further(found, one) : one)) : [found, ...list];
  });
}

export function reloadImports(client: QueryClient): void {
  void client.invalidateQueries({ queryKey: importsQuery.queryKey });
  void client.invalidateQueries({ queryKey: ["imports", "one"] });
}
