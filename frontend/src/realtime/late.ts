import type { Query, QueryClient } from "@tanstack/react-query";
import type { LivePart } from "./apply";
import type { Arrived } from "./socket";

/**
 * Closes the gap between requests and events: an answer may be from before an event that arrived while it was under way, and would
 * undo it. What came meanwhile is applied once more as soon as the answer is in the cache, before anything is drawn.
 */
export class Late {
  private readonly kept = new Map<Query, Map<LivePart, Arrived[]>>();
  /** First answers that were asked for before events were lost. */
  private readonly distrusted = new Set<Query>();

  constructor(private readonly client: QueryClient) {
    client.getQueryCache().subscribe(({ query, type }) => {
      if (type === "removed") this.forget(query);
      else if (type === "updated" && query.state.fetchStatus === "idle") this.settled(query);
    });
  }

  keep(part: LivePart, events: readonly Arrived[]): void {
    for (const query of this.fetching(part)) {
      const byPart = this.kept.get(query) ?? new Map<LivePart, Arrived[]>();
      const again = events.map(({ event }) => ({ event, isReplay: true }));
      this.kept.set(query, byPart.set(part, [...(byPart.get(part) ?? []), ...again]));
    }
  }

  /** Invalidating a first request does not repeat it, as it does others. */
  distrust(part: LivePart): void {
    for (const query of this.fetching(part)) if (query.state.data === undefined) this.distrusted.add(query);
  }

  private fetching({ keys }: LivePart): Query[] {
    const cache = this.client.getQueryCache();
    return keys.flatMap((queryKey) => cache.findAll({ queryKey, fetchStatus: "fetching" }));
  }

  private settled(query: Query): void {
    const byPart = this.kept.get(query);
    const isDistrusted = this.distrusted.has(query);
    this.forget(query);
    for (const [part, events] of byPart ?? []) part.apply(this.client, events);
    if (isDistrusted) void this.client.invalidateQueries({ queryKey: query.queryKey, exact: true });
  }

  private forget(query: Query): void {
    this.kept.delete(query);
    this.distrusted.delete(query);
  }
}
