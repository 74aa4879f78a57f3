import { isRecord } from "./error";
import type { EnteredTenant } from "./gen/model";

/** An admin's look at a business, in this window alone. Its token reads, until it ends; the admin's own session stays as it is. */
export interface Visiting {
  token: string;
  /** Milliseconds since 1970 by this machine's clock. */
  endsAt: number;
  businessId: string;
  businessName: string;
  reason: string;
}

const KEY = "cd.visit";

/** The visit of this window, if there is one. One that is over still counts until it was left: nothing else belongs in this window. */
export function visit(): Visiting | null {
  try {
    return read(JSON.parse(sessionStorage.getItem(KEY) ?? "null"));
  } catch {
    return null;
  }
}

/** Goes in. The page starts anew, so that nothing of the console stays in it. */
export function beginVisit({ access_token, expires_in, visit }: EnteredTenant): void {
  const visiting: Visiting = {
    token: access_token,
    endsAt: Date.now() + expires_in * 1000,
    businessId: visit.business_id,
    businessName: visit.business_name,
    reason: visit.reason,
  };
  sessionStorage.setItem(KEY, JSON.stringify(visiting));
  location.assign("/inbox");
}

/** Goes out, back to where the visit began. */
export function endVisit(): void {
  const id = visit()?.businessId;
  sessionStorage.removeItem(KEY);
  location.assign(id === undefined ? "/admin" : `/admin/tenants/${encodeURIComponent(id)}`);
}

function read(kept: unknown): Visiting | null {
  if (!isRecord(kept)) return null;
  const { token, endsAt, businessId, businessName, reason } = kept;
  if (typeof token !== "string" || typeof endsAt !== "number" || typeof businessId !== "string") return null;
  if (typeof businessName !== "string" || typeof reason !== "string") return null;
  return { token, endsAt, businessId, businessName, reason };
}
