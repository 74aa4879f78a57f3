import { infiniteQueryOptions, keepPreviousData, queryOptions } from "@tanstack/react-query";
import { listAudit } from "@/api/gen/audit/audit";
import { getTenantDeletion, listExports } from "@/api/gen/privacy/privacy";
import { listInvitations } from "@/api/gen/team/team";
import type { AuditFilter } from "@/shared/audit/filter";

export const invitationsQuery = queryOptions({
  queryKey: ["invitations"],
  queryFn: async ({ signal }) => (await listInvitations({ signal })).items,
  staleTime: 0,
});

const EXPORT_MS = 2_000;

export const exportsQuery = queryOptions({
  queryKey: ["exports"],
  queryFn: async ({ signal }) => (await listExports({ signal })).items,
  staleTime: 0,
  refetchInterval: ({ state }) => (state.data?.some((one) => one.state === "running") ? EXPORT_MS : false),
});

export const deletionQuery = queryOptions({
  queryKey: ["deletion"],
  queryFn: ({ signal }) => getTenantDeletion({ signal }),
  staleTime: 0,
});

const PAGE = 50;

export function auditQuery(filter: AuditFilter) {
  return infiniteQueryOptions({
    queryKey: ["audit", filter] as const,
    queryFn: ({ pageParam, signal }) =>
      listAudit({ limit: PAGE, ...filter, ...(pageParam === "" ? {} : { cursor: pageParam }) }, { signal }),
    initialPageParam: "",
    getNextPageParam: (last) => last.next_cursor ?? null,
    placeholderData: keepPreviousData,
    staleTime: 0,
  });
}
