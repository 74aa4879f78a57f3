import { QueryClient } from "@tanstack/react-query";
import { ApiError, isTransient } from "@/api/error";
import { useConnection } from "@/realtime/connection";

const TRIES = 2;

/** The only place where the server's state lives. */
export function makeQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 30_000,
        gcTime: 10 * 60_000,
        // Live events keep what is on screen true; what they do not reach has its own staleTime.
        refetchOnWindowFocus: false,
        // Requests are made even when the browser says that it is offline: it is sometimes wrong, and a failure has its own state.
        networkMode: "always",
        // What was waited for in vain once is not waited for three times.
        retry: (failures, error) => failures < TRIES && isTransient(error) && !isTimeout(error),
      },
      mutations: { networkMode: "always", retry: false },
    },
  });
}

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

function isTimeout(error: unknown): boolean {
  return error instanceof ApiError && error.code === "timeout";
}
