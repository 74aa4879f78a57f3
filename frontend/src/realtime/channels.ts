import type { QueryClient } from "@tanstack/react-query";
import type { Channel } from "@/api/gen/model";
import { channelsQuery } from "@/api/queries";
import { registerLive } from "./apply";

/** The list with a channel's new state; a new channel comes first, as the server tells it. */
export function withChannel(channels: readonly Channel[], channel: Channel): Channel[] {
  const isKnown = channels.some((one) => one.id === channel.id);
  return isKnown ? channels.map((one) => (one.id === channel.id ? channel : one)) : [channel, ...channels];
}

export function putChannel(client: QueryClient, channel: Channel): void {
  client.setQueryData(channelsQuery.queryKey, (channels) => channels && withChannel(channels, channel));
}

// Several pages live from it, so the shell registers it.
registerLive("channels", {
  keys: [channelsQuery.queryKey],
  apply: (client, events) => {
    for (const { event } of events) if (event.type === "channel.updated") putChannel(client, event.data);
  },
  resync: (client) => void client.invalidateQueries({ queryKey: channelsQuery.queryKey }),
});
