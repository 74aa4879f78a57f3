import type { MemberRole } from "@/api/gen/model";
import { useSession } from "@/api/session";

/** What somebody is offered. The server decides; this only keeps from offering what it would refuse. */
export interface Rights {
  /** Answers customers and keeps the catalogue: everybody but viewers. */
  works: boolean;
  /** Changes what concerns the whole business: owners and managers. */
  manages: boolean;
  /** Decides whose a page is: owners only. */
  owns: boolean;
}

export function rightsOf(role: MemberRole | null | undefined): Rights {
  const manages = role === "owner" || role === "manager";
  return { works: manages || role === "agent", manages, owns: role === "owner" };
}

export function useRights(): Rights {
  return rightsOf(useSession((state) => state.user?.member_role));
}
