import { useSyncExternalStore } from "react";

const EVERY_MS = 15_000;

const listeners = new Set<() => void>();
let now = Date.now();
let timer: ReturnType<typeof setInterval> | undefined;

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= setInterval(tick, EVERY_MS);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}

function tick(): void {
  now = Date.now();
  for (const listener of listeners) listener();
}

/** The time, for countdowns and "today": everything that shows it moves on together, a few times a minute. */
export function useNow(): number {
  return useSyncExternalStore(subscribe, () => {
    // Between two ticks it stands still, but a page that was asleep must not wake up in the past.
    const most = listeners.size === 0 ? EVERY_MS : 2 * EVERY_MS;
    if (Date.now() - now > most) now = Date.now();
    return now;
  });
}
