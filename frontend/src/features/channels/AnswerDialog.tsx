import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { decideTransfer } from "@/api/gen/channels/channels";
import type { Transfer } from "@/api/gen/model";
import { channelsQuery } from "@/api/queries";
import { ConfirmDialog, ErrorNote, toast } from "@/shared/ui";
import { PATIENCE_MS } from "./connecting";
import { putTransfer, transfersQuery } from "./queries";
import { TypedConfirm } from "./TypedConfirm";

/** Answers another's request, or takes the own one back. Giving a page away disconnects it here, so that a word is typed first. */
export function AnswerDialog({ transfer, accept, onClose }: AnswerDialogProps) {
  const { t } = useTranslation("channels");
  const client = useQueryClient();
  const name = transfer.page_name ?? transfer.page_id;
  const answer = accept ? "give" : transfer.is_incoming ? "keep" : "retract";
  const decide = useMutation({
    mutationFn: () => decideTransfer(transfer.id, { accept }, { timeout: PATIENCE_MS }),
    onSuccess: (decided) => {
      putTransfer(client, decided);
      void client.invalidateQueries({ queryKey: channelsQuery.queryKey });
      toast(t(`transfers.${answer}.done`, { name }));
      onClose();
    },
    // Somebody else may have answered meanwhile, or it was done although no answer came.
    onError: () => {
      void client.invalidateQueries({ queryKey: transfersQuery.queryKey });
      void client.invalidateQueries({ queryKey: channelsQuery.queryKey });
    },
  });
  const title = t(`transfers.${answer}.title`, { name });
  const shared = { title, onClose, onConfirm: () => decide.mutate(), busy: decide.isPending };
  if (accept) {
    return (
      <TypedConfirm
        {...shared}
        word={t("transfers.give.word")}
        submit={t("transfers.give.submit")}
        error={decide.error}
      >
        <p>{t("transfers.give.text")}</p>
      </TypedConfirm>
    );
  }
  return (
    <ConfirmDialog {...shared} text={t(`transfers.${answer}.text`)} confirm={t(`transfers.${answer}.submit`)}>
      <ErrorNote error={decide.error} />
    </ConfirmDialog>
  );
}

interface AnswerDialogProps {
  transfer: Transfer;
  accept: boolean;
  onClose: () => void;
}
