import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import type { Channel, Conversation } from "@/api/gen/model";
import { channelsQuery } from "@/api/queries";
import type { Chances } from "./rules/delivery";
import { mayWrite, openedAt } from "./rules/window";
import { useNow } from "./useNow";

/** The page or account that a conversation goes through; null until it is known. */
export function useChannel(conversation: Conversation): Channel | null {
  const { data } = useQuery(channelsQuery);
  return data?.find(({ id }) => id === conversation.channel_id) ?? null;
}

/** Whether a message could go out now. */
export function useChances(conversation: Conversation): Chances {
  const now = useNow();
  const channel = useChannel(conversation);
  const isWindowOpen = mayWrite(conversation.reply_window, now);
  const isChannelReady =
    channel === null || (channel.is_active && channel.health.state !== "needs_reconnect");
  const opened = openedAt(conversation.reply_window);
  return useMemo(
    () => ({ isWindowOpen, isChannelReady, openedAt: opened }),
    [isWindowOpen, isChannelReady, opened],
  );
}
