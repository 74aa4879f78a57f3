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
  /** A platform admin who looks around: may change nothing, whatever role that is like. */
  visits: boolean;
}

export function rightsOf(role: MemberRole | null | undefined, visits = false): Rights {
  const manages = !visits && (role === "owner" || role === "manager");
  return {
    works: manages || (!visits && role === "agent"),
    manages,
    owns: manages && role === "owner",
    visits,
  };
}

export function useRights(): Rights {
  return rightsOf(
    useSession((state) => state.user?.member_role),
    useSession((state) => state.user?.is_visitor) ?? false,
  );
}
