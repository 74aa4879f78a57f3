import { useEffect, useRef, useState } from "react";
import { useSession } from "@/api/session";

const PREFIX = "cd.unfinished.";

/**
 * What is typed into a form and not saved, kept for this tab and person when the session ends by itself: after logging in again it
 * is there. Nobody else in the tab sees it, and nothing is kept of who leaves. `name` is the form's; null keeps nothing.
 */
export function useUnfinished(name: string | null) {
  const [found] = useState(() => read(keyOf(name)));
  const held = useRef<unknown>(null);
  useEffect(() => {
    // What was found is in the form now.
    write(keyOf(name), null);
    return useSession.subscribe((now, before) => {
      if (now.phase !== "out" || now.reason !== "ended" || before.user === null) return;
      write(keyOf(name, before.user.id), held.current);
    });
  }, [name]);
  return {
    found,
    /** What there would be to keep; null when everything is saved. */
    hold: (value: unknown) => {
      held.current = value;
    },
  };
}

/** Everything unfinished in this tab goes. */
export function forgetUnfinished(): void {
  try {
    for (const key of Object.keys(sessionStorage)) if (key.startsWith(PREFIX)) sessionStorage.removeItem(key);
  } catch {
    // Without a storage there is nothing to forget.
  }
}

function keyOf(name: string | null, person = useSession.getState().user?.id): string | null {
  return name === null || person === undefined ? null : `${PREFIX}${person}.${name}`;
}

function read(key: string | null): unknown {
  try {
    return key === null ? null : JSON.parse(sessionStorage.getItem(key) ?? "null");
  } catch {
    return null;
  }
}

function write(key: string | null, value: unknown): void {
  if (key === null) return;
  try {
    if (value === null) sessionStorage.removeItem(key);
    else sessionStorage.setItem(key, JSON.stringify(value));
  } catch {
    // Storage is full or switched off; then it is lost as before.
  }
}
