import { QueryClient } from "@tanstack/react-query";
import { expect, it } from "vitest";
import type { Channel } from "@/api/gen/model";
import { channelsQuery } from "@/api/queries";
import { applyEvents, resyncAll } from "./apply";
import { withChannel } from "./channels";

function channel(id: string, more: Partial<Channel> = {}): Channel {
  return {
    id,
    platform: "facebook",
    platform_page_id: "1",
    page_name: id,
    is_active: true,
    health: { state: "ok" },
    sending: "ok",
    policy: { state: "none" },
    created_at: "2026-11-22T00:00:00Z",
    ...more,
  };
}

it("replaces a known channel in its place and puts a new one first", () => {
  const [a, b] = [channel("a"), channel("b")];
  const renamed = channel("b", { page_name: "new" });
  expect(withChannel([a, b], renamed)).toEqual([a, renamed]);
  expect(withChannel(withChannel([a, b], renamed), renamed)).toEqual([a, renamed]);
  expect(withChannel([a], b)).toEqual([b, a]);
});

it("follows the events on every page, and is read again when some were lost", () => {
  const client = new QueryClient();
  client.setQueryData(channelsQuery.queryKey, [channel("a")]);
  const off = channel("a", { is_active: false });
  applyEvents(client, [{ event: { type: "channel.updated", data: off }, isReplay: false }]);
  expect(client.getQueryData(channelsQuery.queryKey)).toEqual([off]);
  resyncAll(client);
  expect(client.getQueryState(channelsQuery.queryKey)?.isInvalidated).toBe(true);
});
