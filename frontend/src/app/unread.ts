import { type QueryClient, useQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import { countsQuery } from "@/api/queries";
import { registerLive } from "@/realtime/apply";

/** A burst of events asks for the numbers once. */
const CALM_MS = 400;
let timer: ReturnType<typeof setTimeout> | undefined;

function countAgain(client: QueryClient): void {
  if (timer !== undefined) return;
  timer = setTimeout(() => {
    timer = undefined;
    void client.invalidateQueries({ queryKey: countsQuery.queryKey });
  }, CALM_MS);
}

registerLive("counts", {
  keys: [countsQuery.queryKey],
  apply: (client, events) => {
    if (events.some(({ event }) => event.type.startsWith("conversation."))) countAgain(client);
  },
  resync: countAgain,
});

/** How many conversations are unread; 0 until it is known. */
export function useUnread(): number {
  return useQuery(countsQuery).data?.unread ?? 0;
}

/** Puts the number before the page's own title, whichever page sets it. */
export function useUnreadInTitle(unread: number): void {
  useEffect(() => {
    const mark = () => {
      const plain = document.title.replace(/^\(\d+\+?\) /, "");
      const title = unread > 0 ? `(${unread > 999 ? "999+" : unread}) ${plain}` : plain;
      if (document.title !== title) document.title = title;
    };
    mark();
    const watcher = new MutationObserver(mark);
    watcher.observe(document.head, { childList: true, subtree: true, characterData: true });
    return () => watcher.disconnect();
  }, [unread]);
}
