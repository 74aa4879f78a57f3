import type { InfiniteData, QueryClient } from "@tanstack/react-query";
import type { Conversation, ListConversation } from "@/api/gen/model";
import { countsQuery } from "@/api/queries";
import { keys } from "./keys";
import { type ListParam, removeItem } from "./pages";

/** Drops everything of a customer whose data was erased: nothing live tells of it. */
export function forgetContact(client: QueryClient, contactId: string): void {
  const isTheirs = (conversation: Conversation) => conversation.contact.id === contactId;
  const gone = new Set(dropFromLists(client, isTheirs));
  for (const [, one] of client.getQueriesData<Conversation>({ queryKey: keys.ones })) {
    if (one !== undefined && isTheirs(one)) gone.add(one.id);
  }
  for (const id of gone) {
    for (const queryKey of [keys.one(id), keys.messages(id), keys.notes(id)]) {
      client.removeQueries({ queryKey, exact: true });
    }
  }
  void client.invalidateQueries({ queryKey: countsQuery.queryKey });
}

/** Takes conversations out of the lists, and tells which. */
export function dropFromLists(client: QueryClient, isIt: (conversation: Conversation) => boolean): string[] {
  const lists = client.getQueriesData<InfiniteData<ListConversation, ListParam>>({ queryKey: keys.lists });
  return lists.flatMap(([key, data]) => {
    const found = data?.pages.flatMap((page) => page.items).filter(isIt) ?? [];
    if (data !== undefined && found.length > 0) client.setQueryData(key, removeItem(data, isIt));
    return found.map(({ id }) => id);
  });
}
