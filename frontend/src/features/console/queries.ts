import { infiniteQueryOptions, keepPreviousData, queryOptions } from "@tanstack/react-query";
import {
  getSystem,
  getTenant,
  getUsage,
  listAdminAudit,
  listChannelHealth,
  listFailedWork,
  listTenants,
} from "@/api/gen/admin/admin";
import type { HealthState, TenantState } from "@/api/gen/model";
import type { AuditFilter } from "@/shared/audit/filter";

const PAGE = 50;
/** How often what changes by itself is read again. */
const LIVE_MS = 8_000;

/** What every list of pages has in common. */
const PAGED = {
  initialPageParam: "",
  getNextPageParam: (last: { next_cursor?: string | null }) => last.next_cursor ?? null,
  placeholderData: keepPreviousData,
  staleTime: 0,
} as const;

const from = (cursor: string) => ({ limit: PAGE, ...(cursor === "" ? {} : { cursor }) });

export const TENANTS = ["admin", "tenants"] as const;
export const WORK = ["admin", "work"] as const;

export function tenantsQuery(q: string, state: TenantState | null) {
  return infiniteQueryOptions({
    ...PAGED,
    queryKey: [...TENANTS, "list", q, state] as const,
    queryFn: ({ pageParam, signal }) =>
      listTenants(
        { ...from(pageParam), ...(q === "" ? {} : { q }), ...(state === null ? {} : { state }) },
        { signal },
      ),
  });
}

export function tenantQuery(id: string) {
  return queryOptions({
    queryKey: [...TENANTS, "one", id] as const,
    queryFn: ({ signal }) => getTenant(id, { signal }),
    staleTime: 0,
  });
}

export function channelsQuery(state: HealthState | null) {
  return infiniteQueryOptions({
    ...PAGED,
    queryKey: ["admin", "channels", state] as const,
    queryFn: ({ pageParam, signal }) =>
      listChannelHealth({ ...from(pageParam), ...(state === null ? {} : { state }) }, { signal }),
  });
}

export const SERVICES = ["inbox", "catalog", "tenants"] as const;
export type ServiceName = (typeof SERVICES)[number];

export function workQuery(service: ServiceName, kind: string) {
  return infiniteQueryOptions({
    ...PAGED,
    queryKey: [...WORK, service, kind] as const,
    queryFn: ({ pageParam, signal }) =>
      listFailedWork({ ...from(pageParam), service, ...(kind === "" ? {} : { kind }) }, { signal }),
  });
}

export const systemQuery = queryOptions({
  queryKey: ["admin", "system"],
  queryFn: ({ signal }) => getSystem({ signal }),
  staleTime: 0,
  refetchInterval: LIVE_MS,
});

export function usageQuery(first: string, last: string) {
  return queryOptions({
    queryKey: ["admin", "usage", first, last] as const,
    queryFn: ({ signal }) => getUsage({ from: first, to: last }, { signal }),
    placeholderData: keepPreviousData,
    staleTime: 60_000,
  });
}

/** Without a tenant, the records of the installation itself. */
export function auditQuery(businessId: string, filter: AuditFilter) {
  return infiniteQueryOptions({
    ...PAGED,
    queryKey: ["admin", "audit", businessId, filter] as const,
    queryFn: ({ pageParam, signal }) =>
      listAdminAudit(
        { ...from(pageParam), ...filter, ...(businessId === "" ? {} : { business_id: businessId }) },
        { signal },
      ),
  });
}
