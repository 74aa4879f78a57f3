import { queryOptions } from "@tanstack/react-query";
import { listSessions } from "@/api/gen/auth/auth";

export const sessionsQuery = queryOptions({
  queryKey: ["sessions"],
  queryFn: async ({ signal }) => (await listSessions({ signal })).items,
  staleTime: 0,
});
