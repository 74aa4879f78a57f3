import { create } from "zustand";

/** `offline`: it was lost and is being opened again. `suspended`: the business may not work at the moment. */
export type ConnectionPhase = "idle" | "connecting" | "online" | "offline" | "suspended";

interface Connection {
  phase: ConnectionPhase;
  /** Since when, in milliseconds since 1970. */
  since: number;
}

/** How the live socket is. */
export const useConnection = create<Connection>()(() => ({ phase: "idle", since: 0 }));

export function setPhase(phase: ConnectionPhase): void {
  if (useConnection.getState().phase !== phase) useConnection.setState({ phase, since: Date.now() });
}
