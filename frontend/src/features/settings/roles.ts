import type { MemberRole } from "@/api/gen/model";
import type { Rights } from "@/shared/rights";

export const ROLES = ["owner", "manager", "agent", "viewer"] as const satisfies readonly MemberRole[];

/** The roles that somebody may give: at most their own. */
export function givenBy({ owns, manages }: Rights): readonly MemberRole[] {
  if (owns) return ROLES;
  return manages ? ROLES.filter((role) => role !== "owner") : [];
}

/** Whether somebody decides about a person: owners about everybody, managers about those below them. */
export function mayChange({ owns, manages }: Rights, role: MemberRole): boolean {
  return owns || (manages && (role === "agent" || role === "viewer"));
}

/** The roles that somebody may bring a colleague in with whose password they choose: they could log in as them. */
export function addedBy(rights: Rights): readonly MemberRole[] {
  return ROLES.filter((role) => role !== "owner" && mayChange(rights, role));
}
