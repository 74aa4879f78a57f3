import { useSession } from "@/api/session";

const PREFIX = "cd.replay.";

/** The report that this person saw last on this device: the server lists none. */
export function lastReplay(): string | null {
  try {
    return localStorage.getItem(keyOf());
  } catch {
    return null;
  }
}

/** Null forgets it. */
export function keepReplay(id: string | null): void {
  try {
    if (id === null) localStorage.removeItem(keyOf());
    else localStorage.setItem(keyOf(), id);
  } catch {
    // Without a storage the address alone leads to it.
  }
}

function keyOf(): string {
  return `${PREFIX}${useSession.getState().user?.id ?? ""}`;
}
