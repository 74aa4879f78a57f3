import type { QueryClient, QueryKey } from "@tanstack/react-query";
import { Late } from "./late";
import type { Arrived } from "./socket";

/** How a feature keeps its part of the cache true. */
export interface LivePart {
  /** What it keeps true: events that come while one of these is being fetched are applied once more to the answer. */
  keys: readonly QueryKey[];
  /** Applies events in their order. Must be pure towards the cache and idempotent: an event may come twice. */
  apply: (client: QueryClient, events: readonly Arrived[]) => void;
  /** Events were lost: load again what lives from them. */
  resync: (client: QueryClient) => void;
}

const parts = new Map<string, LivePart>();
const lates = new WeakMap<QueryClient, Late>();

/** Adds a feature's part; call it once where the feature's page is defined. The same name replaces. */
export function registerLive(name: string, part: LivePart): void {
  parts.set(name, part);
}

export function applyEvents(client: QueryClient, events: readonly Arrived[]): void {
  const late = lateOf(client);
  for (const part of parts.values()) {
    // Before it is applied: what a part fetches because of the events is asked for after them.
    late.keep(part, events);
    part.apply(client, events);
  }
}

export function resyncAll(client: QueryClient): void {
  const late = lateOf(client);
  for (const part of parts.values()) {
    late.distrust(part);
    part.resync(client);
  }
}

function lateOf(client: QueryClient): Late {
  const late = lates.get(client) ?? new Late(client);
  lates.set(client, late);
  return late;
}
