import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { resumeTenant, suspendTenant } from "@/api/gen/admin/admin";
import { useDraft } from "@/shared/form";
import { fieldErrors } from "@/shared/i18n/errors";
import { Button } from "@/shared/ui/Button";
import { ConfirmDialog, Dialog } from "@/shared/ui/Dialog";
import { TextArea, TextField } from "@/shared/ui/Field";
import { ErrorNote } from "@/shared/ui/states";
import { toast } from "@/shared/ui/toast";
import type { TenantDialogProps } from "./Actions";
import { TENANTS } from "./queries";

const LONGEST_REASON = 500;

/** Stops a business. Its name has to be typed: the one beside it in the list is somebody's livelihood, too. */
export function SuspendDialog({ tenant, onClose }: TenantDialogProps) {
  const { t } = useTranslation(["console", "common"]);
  const client = useQueryClient();
  const draft = useDraft({ reason: "" }, `suspend.${tenant.business_id}`);
  const { reason } = draft.value;
  const [typed, setTyped] = useState("");
  const suspend = useMutation({
    mutationFn: () => suspendTenant(tenant.business_id, { reason: reason.trim() }),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: TENANTS });
      toast(t("console:suspend.done", { name: tenant.name }));
      onClose();
    },
  });
  const errors = fieldErrors(suspend.error);
  const isReady = reason.trim() !== "" && typed.trim() === tenant.name.trim();
  return (
    <Dialog
      title={t("console:suspend.title", { name: tenant.name })}
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>{t("common:cancel")}</Button>
          <Button look="danger" disabled={!isReady} busy={suspend.isPending} onClick={() => suspend.mutate()}>
            {t("console:suspend.submit")}
          </Button>
        </>
      }
    >
      <div className="cd-stack">
        <p>{t("console:suspend.text")}</p>
        <TextArea
          label={t("console:reason")}
          hint={t("console:suspend.reasonHint")}
          value={reason}
          error={errors.reason}
          maxLength={LONGEST_REASON}
          required
          onChange={(event) => draft.set("reason", event.target.value)}
        />
        <TextField
          label={t("console:suspend.type", { name: tenant.name })}
          value={typed}
          autoComplete="off"
          onChange={(event) => setTyped(event.target.value)}
        />
        {suspend.isError && errors.reason === undefined && <ErrorNote error={suspend.error} />}
      </div>
    </Dialog>
  );
}

export function ResumeDialog({ tenant, onClose }: TenantDialogProps) {
  const { t } = useTranslation("console");
  const client = useQueryClient();
  const resume = useMutation({
    mutationFn: () => resumeTenant(tenant.business_id),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: TENANTS });
      toast(t("resume.done", { name: tenant.name }));
      onClose();
    },
  });
  return (
    <ConfirmDialog
      title={t("resume.title", { name: tenant.name })}
      text={t("resume.text")}
      confirm={t("resume.open")}
      busy={resume.isPending}
      onConfirm={() => resume.mutate()}
      onClose={onClose}
    >
      <ErrorNote error={resume.error} />
    </ConfirmDialog>
  );
}
