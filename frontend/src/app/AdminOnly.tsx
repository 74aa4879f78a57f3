import { useTranslation } from "react-i18next";
import { Button } from "@/shared/ui/Button";
import { Centered } from "./guards";
import { leave } from "./leaving";

/** Platform admins have no inbox. */
export function AdminOnly() {
  const { t } = useTranslation();
  return (
    <Centered>
      <div className="cd-state">
        <h1 className="cd-state-title">{t("adminOnly.title")}</h1>
        <p className="cd-state-text">{t("adminOnly.text")}</p>
        <Button look="primary" onClick={leave}>
          {t("adminOnly.logout")}
        </Button>
      </div>
    </Centered>
  );
}
