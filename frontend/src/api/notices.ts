import { queryOptions } from "@tanstack/react-query";
import { listNotices } from "./gen/audit/audit";

const MINUTE = 60_000;

/** What everybody of a business should know right now. Nothing live tells of it. */
export const noticesQuery = queryOptions({
  queryKey: ["notices"],
  queryFn: async ({ signal }) => (await listNotices({ signal })).items,
  staleTime: MINUTE,
  refetchInterval: MINUTE,
  refetchOnWindowFocus: true,
});
