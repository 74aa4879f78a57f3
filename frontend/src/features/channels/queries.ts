import { type QueryClient, queryOptions } from "@tanstack/react-query";
import { listTransfers } from "@/api/gen/channels/channels";
import type { Transfer } from "@/api/gen/model";

/** No event tells of them, so they are asked for while the page is open. */
export const transfersQuery = queryOptions({
  queryKey: ["channel-transfers"],
  queryFn: async ({ signal }) => (await listTransfers({ signal })).items,
  staleTime: 10_000,
  refetchInterval: 60_000,
  refetchOnWindowFocus: true,
});

export function putTransfer(client: QueryClient, transfer: Transfer): void {
  client.setQueryData(transfersQuery.queryKey, (known) => {
    if (known === undefined) return known;
    const isKnown = known.some(({ id }) => id === transfer.id);
    return isKnown ? known.map((one) => (one.id === transfer.id ? transfer : one)) : [transfer, ...known];
  });
}
