import { type QueryClient, useQuery } from "@tanstack/react-query";
import { useCallback } from "react";
import type { Member } from "@/api/gen/model";
import { membersQuery } from "@/api/queries";
import { rightsOf } from "@/shared/rights";

/**
 * What a colleague is called: the name, else the e-mail before the @; null for somebody who is no longer there, undefined while it is
 * not known who is.
 */
export function memberName(
  members: readonly Member[] | undefined,
  id: string | null | undefined,
): string | null | undefined {
  if (members === undefined) return undefined;
  const member = members.find((one) => one.id === id);
  return member === undefined ? null : member.name || (member.email.split("@")[0] ?? member.email);
}

/** Whom a conversation may be given to: viewers cannot answer, so the server refuses them. */
export function workers(members: readonly Member[]): Member[] {
  return members.filter(({ member_role }) => rightsOf(member_role).works);
}

export type NameOf = (id: string | null | undefined) => string | null | undefined;

/** Looks up colleagues' names. */
export function useNameOf(): NameOf {
  const { data } = useQuery(membersQuery);
  return useCallback((id) => memberName(data, id), [data]);
}

const asked = new Set<string>();

/** Somebody may have joined after the members were read: who is not among them is asked for, once. */
export function meet(client: QueryClient, ids: Iterable<string | null | undefined>): void {
  const members = client.getQueryData<Member[]>(membersQuery.queryKey);
  for (const id of ids) {
    if (!id || members === undefined || asked.has(id) || members.some((member) => member.id === id)) continue;
    asked.add(id);
    void client.invalidateQueries({ queryKey: membersQuery.queryKey }).then(() => {
      if (client.getQueryState(membersQuery.queryKey)?.status === "error") asked.delete(id);
    });
  }
}
