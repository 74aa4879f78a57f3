import type { QueryClient } from "@tanstack/react-query";
import { isTransient } from "@/api/error";
import { useConnection } from "@/realtime/connection";

/** What failed while the server or the network was away is asked for again as soon as the connection is back. */
export function askAgainWhenBack(client: QueryClient): () => void {
  return useConnection.subscribe((now, before) => {
    if (now.phase !== "online" || before.phase === "online") return;
    void client.refetchQueries({
      type: "active",
      predicate: ({ state }) =>
        state.status === "error" && state.fetchStatus === "idle" && isTransient(state.error),
    });
  });
}
