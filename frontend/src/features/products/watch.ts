import { useCallback, useRef, useState } from "react";

/** The first look comes soon: most products are learned within a second or two. */
const FIRST_MS = 1_500;
/** A product that takes long is looked at ever more seldom. */
const LONGEST_MS = 15_000;

/** How long to wait for the next look at what has been waited for since then; false when nothing is. */
export function lookAgainAfter(since: number | null, now: number): number | false {
  if (since === null) return false;
  return Math.min(LONGEST_MS, Math.max(FIRST_MS, (now - since) / 2));
}

/**
 * Watches products that the assistant still learns. The socket tells of what became of them; looking again is the net for
 * what it does not tell, and only while somebody sees one that waits.
 */
export function useWatch() {
  const [since, setSince] = useState<number | null>(null);
  const waiting = useRef(new Set<string>());
  const onWaiting = useCallback((id: string, isWaiting: boolean) => {
    const { current: ids } = waiting;
    if (ids.has(id) === isWaiting) return;
    if (isWaiting) ids.add(id);
    else ids.delete(id);
    // One more that waits is looked at as soon as the first.
    if (ids.size === 0) setSince(null);
    else if (isWaiting) setSince(Date.now());
  }, []);
  const refetchInterval = () => lookAgainAfter(since, Date.now());
  return { onWaiting, refetchInterval };
}
