import type { QueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { useConnection } from "@/realtime/connection";

/** How the inbox names messages that wait to be sent. It writes them down at once. */
const KEPT = "cd.outbox.";

/** Sends what waits whenever it can get through, whichever page is open. The inbox's code comes only where something waits. */
export function useCourier(client: QueryClient): void {
  const phase = useConnection((state) => state.phase);
  useEffect(() => {
    if (phase !== "offline") void carry(client);
    const go = () => void carry(client);
    addEventListener("online", go);
    return () => removeEventListener("online", go);
  }, [client, phase]);
}

async function carry(client: QueryClient): Promise<void> {
  if (!isWaiting()) return;
  try {
    const { deliver } = await import("@/features/inbox/compose/courier");
    deliver(client);
  } catch {
    // The code cannot be loaded now: the next sign of a network tries again.
  }
}

function isWaiting(): boolean {
  try {
    return Object.keys(localStorage).some((key) => key.startsWith(KEPT));
  } catch {
    return false;
  }
}
