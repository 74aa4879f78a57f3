import { useMutation } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { enterTenant } from "@/api/gen/admin/admin";
import { beginVisit } from "@/api/visit";
import { useDraft } from "@/shared/form";
import { fieldErrors } from "@/shared/i18n/errors";
import { Button } from "@/shared/ui/Button";
import { Dialog } from "@/shared/ui/Dialog";
import { TextArea } from "@/shared/ui/Field";
import { ErrorNote } from "@/shared/ui/states";
import type { TenantDialogProps } from "./Actions";

/** Goes into a business to look at it: with a reason that its people read, for a quarter of an hour, without changing anything. */
export function EnterDialog({ tenant, onClose }: TenantDialogProps) {
  const { t } = useTranslation(["console", "common"]);
  const draft = useDraft({ reason: "" }, `enter.${tenant.business_id}`);
  const { reason } = draft.value;
  const enter = useMutation({
    mutationFn: () => enterTenant(tenant.business_id, { reason: reason.trim() }),
    onSuccess: (entered) => beginVisit(entered),
  });
  const errors = fieldErrors(enter.error);
  return (
    <Dialog
      title={t("console:enter.title", { name: tenant.name })}
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>{t("common:cancel")}</Button>
          <Button
            look="primary"
            disabled={reason.trim() === ""}
            busy={enter.isPending}
            onClick={() => enter.mutate()}
          >
            {t("console:enter.submit")}
          </Button>
        </>
      }
    >
      <div className="cd-stack">
        <p>{t("console:enter.text")}</p>
        <TextArea
          label={t("console:reason")}
          hint={t("console:enter.reasonHint")}
          value={reason}
          error={errors.reason}
          maxLength={500}
          required
          onChange={(event) => draft.set("reason", event.target.value)}
        />
        {enter.isError && errors.reason === undefined && <ErrorNote error={enter.error} />}
      </div>
    </Dialog>
  );
}
