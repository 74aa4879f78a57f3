import { QueryClient } from "@tanstack/react-query";
import { ApiError, isTransient } from "./error";

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

function isTimeout(error: unknown): boolean {
  return error instanceof ApiError && error.code === "timeout";
}
