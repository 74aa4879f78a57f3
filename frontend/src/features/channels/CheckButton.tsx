import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { checkChannel } from "@/api/gen/channels/channels";
import type { Channel } from "@/api/gen/model";
import { putChannel } from "@/realtime/channels";
import { errorText } from "@/shared/i18n/errors";
import { Button, toast } from "@/shared/ui";
import { PATIENCE_MS } from "./connecting";
import { shownState } from "./health";

/** Asks Meta now how a channel is. */
export function CheckButton({ channel }: { channel: Channel }) {
  const { t } = useTranslation("channels");
  const client = useQueryClient();
  const name = channel.page_name;
  const check = useMutation({
    mutationFn: () => checkChannel(channel.id, { timeout: PATIENCE_MS }),
    onSuccess: (checked) => {
      putChannel(client, checked);
      const isWell = shownState(checked) === "ok";
      toast(t(isWell ? "check.well" : "check.ill", { name }), { tone: isWell ? "info" : "error" });
    },
    onError: (error) => toast(errorText(error), { tone: "error" }),
  });
  return (
    <Button aria-label={t("check.named", { name })} busy={check.isPending} onClick={() => check.mutate()}>
      {t(check.isPending ? "check.busy" : "check.now")}
    </Button>
  );
}
