import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Tenant } from "@/api/gen/model";
import { Button } from "@/shared/ui/Button";
import { CapDialog } from "./CapDialog";
import { EnterDialog } from "./EnterDialog";
import { ResumeDialog, SuspendDialog } from "./StandingDialogs";

const DIALOGS = { suspend: SuspendDialog, resume: ResumeDialog, cap: CapDialog, enter: EnterDialog } as const;

/** What an admin may do to a business. One that is about to be deleted is its owners' business alone. */
export function Actions({ tenant }: { tenant: Tenant }) {
  const { t } = useTranslation("console");
  const [open, setOpen] = useState<keyof typeof DIALOGS | null>(null);
  const Shown = open === null ? null : DIALOGS[open];
  return (
    <div className="cd-row">
      <Button onClick={() => setOpen("enter")}>{t("enter.open")}</Button>
      <Button onClick={() => setOpen("cap")}>{t("cap.open")}</Button>
      {tenant.state === "active" && (
        <Button look="danger" onClick={() => setOpen("suspend")}>
          {t("suspend.open")}
        </Button>
      )}
      {tenant.state === "suspended" && (
        <Button look="primary" onClick={() => setOpen("resume")}>
          {t("resume.open")}
        </Button>
      )}
      {Shown && <Shown tenant={tenant} onClose={() => setOpen(null)} />}
    </div>
  );
}

/** What the dialogs about a business get. */
export interface TenantDialogProps {
  tenant: Tenant;
  onClose: () => void;
}
