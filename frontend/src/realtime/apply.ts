import type { QueryClient } from "@tanstack/react-query";
import type { Arrived } from "./socket";

/** How a feature keeps its part of the cache true. */
export interface LivePart {
  /** Applies events in their order. Must be pure towards the cache and idempotent: an event may come twice. */
  apply: (client: QueryClient, events: readonly Arrived[]) => void;
  /** Events were lost: load again what lives from them. */
  resync: (client: QueryClient) => void;
}

const parts = new Map<string, LivePart>();

/** Adds a feature's part; call it once where the feature's page is defined. The same name replaces. */
export function registerLive(name: string, part: LivePart): void {
  parts.set(name, part);
}

export function applyEvents(client: QueryClient, events: readonly Arrived[]): void {
  for (const part of parts.values()) part.apply(client, events);
}

export function resyncAll(client: QueryClient): void {
  for (const part of parts.values()) part.resync(client);
}
