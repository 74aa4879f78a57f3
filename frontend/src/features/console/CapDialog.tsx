import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { setTenantCap } from "@/api/gen/admin/admin";
import type { Plan } from "@/api/gen/model";
import { fieldErrors } from "@/shared/i18n/errors";
import { Button } from "@/shared/ui/Button";
import { Dialog } from "@/shared/ui/Dialog";
import { SelectField, TextField } from "@/shared/ui/Field";
import { ErrorNote } from "@/shared/ui/states";
import { toast } from "@/shared/ui/toast";
import type { TenantDialogProps } from "./Actions";
import { readCap } from "./cap";
import { TENANTS } from "./queries";

const PLANS = ["trial", "standard", "business"] as const satisfies readonly Plan[];

/** How much of the language model a business may use in a day. */
export function CapDialog({ tenant, onClose }: TenantDialogProps) {
  const { t } = useTranslation(["console", "common"]);
  const client = useQueryClient();
  const [plan, setPlan] = useState<Plan>(tenant.plan);
  const [typed, setTyped] = useState(tenant.is_capped ? String(tenant.tokens_per_day) : "");
  const cap = readCap(typed);
  const save = useMutation({
    mutationFn: (tokens: number | null) => setTenantCap(tenant.business_id, { plan, tokens_per_day: tokens }),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: TENANTS });
      toast(t("common:saved"));
      onClose();
    },
  });
  const wrong = cap === undefined ? t("console:cap.wrong") : fieldErrors(save.error).tokens_per_day;
  return (
    <Dialog
      title={t("console:cap.title", { name: tenant.name })}
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>{t("common:cancel")}</Button>
          <Button
            look="primary"
            disabled={cap === undefined}
            busy={save.isPending}
            onClick={() => cap !== undefined && save.mutate(cap)}
          >
            {t("common:save")}
          </Button>
        </>
      }
    >
      <div className="cd-stack">
        <SelectField
          label={t("console:tenant.plan")}
          value={plan}
          options={PLANS.map((one) => ({ value: one, label: t(`console:plan.${one}`) }))}
          onChange={(event) => setPlan(PLANS.find((one) => one === event.target.value) ?? plan)}
        />
        <TextField
          label={t("console:tenant.cap")}
          hint={t("console:cap.hint")}
          inputMode="numeric"
          value={typed}
          error={wrong}
          onChange={(event) => setTyped(event.target.value)}
        />
        {save.isError && wrong === undefined && <ErrorNote error={save.error} />}
      </div>
    </Dialog>
  );
}
