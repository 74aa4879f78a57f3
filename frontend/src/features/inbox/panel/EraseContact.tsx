import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import { eraseContact } from "@/api/gen/privacy/privacy";
import { Button, ConfirmDialog, ErrorNote, toast } from "@/shared/ui";
import { forgetContact } from "../data/erased";

/** Deletes all that is known of a customer, when they ask for it. */
export function EraseContact({ contactId, name }: { contactId: string; name: string }) {
  const { t } = useTranslation("inbox");
  const client = useQueryClient();
  const navigate = useNavigate();
  const [isAsking, setAsking] = useState(false);
  const erase = useMutation({
    mutationFn: () => eraseContact(contactId),
    onSuccess: async () => {
      toast(t("erase.done", { name }));
      // First away from it, so that nobody asks for what is no longer there.
      await navigate("/inbox", { replace: true });
      forgetContact(client, contactId);
    },
  });
  return (
    <section className="in-panel-part">
      <Button small onClick={() => setAsking(true)}>
        {t("erase.open")}
      </Button>
      {isAsking && (
        <ConfirmDialog
          title={t("erase.title", { name })}
          text={t("erase.text")}
          confirm={t("erase.submit")}
          danger
          busy={erase.isPending}
          onConfirm={() => erase.mutate()}
          onClose={() => setAsking(false)}
        >
          <ErrorNote error={erase.error} />
        </ConfirmDialog>
      )}
    </section>
  );
}
