import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { disconnectChannel } from "@/api/gen/channels/channels";
import type { Channel } from "@/api/gen/model";
import { channelsQuery } from "@/api/queries";
import { isComposing } from "@/shared/keys";
import { unaccent } from "@/shared/text";
import { Button, Dialog, ErrorNote, TextField, toast } from "@/shared/ui";
import { putChannel } from "./live";

/** Asks twice before a channel falls silent: the button works once a word is typed. */
export function LeaveDialog({ channel, onClose }: { channel: Channel; onClose: () => void }) {
  const { t } = useTranslation(["channels", "common"]);
  const client = useQueryClient();
  const [typed, setTyped] = useState("");
  const word = t("channels:leave.word");
  const isSure = unaccent(typed.trim()) === unaccent(word);
  const name = channel.page_name;
  const leave = useMutation({
    mutationFn: () => disconnectChannel(channel.id),
    onSuccess: () => {
      putChannel(client, { ...channel, is_active: false });
      void client.invalidateQueries({ queryKey: channelsQuery.queryKey });
      toast(t("channels:disconnected", { name }));
      onClose();
    },
  });
  return (
    <Dialog
      title={t("channels:leave.title", { name })}
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>{t("common:cancel")}</Button>
          <Button look="danger" disabled={!isSure} busy={leave.isPending} onClick={() => leave.mutate()}>
            {t("channels:leave.submit")}
          </Button>
        </>
      }
    >
      <div className="cd-stack">
        <p>{t("channels:leave.text")}</p>
        <TextField
          label={t("channels:leave.type", { word })}
          value={typed}
          autoComplete="off"
          autoCapitalize="none"
          onChange={(event) => setTyped(event.target.value)}
          onKeyDown={(event) => {
            if (event.key !== "Enter" || isComposing(event.nativeEvent)) return;
            if (isSure && !leave.isPending) leave.mutate();
          }}
        />
        {leave.isError && <ErrorNote error={leave.error} />}
      </div>
    </Dialog>
  );
}
