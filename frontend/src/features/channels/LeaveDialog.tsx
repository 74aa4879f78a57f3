import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { disconnectChannel } from "@/api/gen/channels/channels";
import type { Channel } from "@/api/gen/model";
import { channelsQuery } from "@/api/queries";
import { putChannel } from "@/realtime/channels";
import { toast } from "@/shared/ui";
import { TypedConfirm } from "./TypedConfirm";

/** Disconnects a channel. */
export function LeaveDialog({ channel, onClose }: { channel: Channel; onClose: () => void }) {
  const { t } = useTranslation("channels");
  const client = useQueryClient();
  const name = channel.page_name;
  const leave = useMutation({
    mutationFn: () => disconnectChannel(channel.id),
    onSuccess: () => {
      putChannel(client, { ...channel, is_active: false });
      void client.invalidateQueries({ queryKey: channelsQuery.queryKey });
      toast(t("disconnected", { name }));
      onClose();
    },
  });
  return (
    <TypedConfirm
      title={t("leave.title", { name })}
      word={t("leave.word")}
      submit={t("leave.submit")}
      busy={leave.isPending}
      error={leave.error}
      onConfirm={() => leave.mutate()}
      onClose={onClose}
    >
      <p>{t("leave.text")}</p>
    </TypedConfirm>
  );
}
