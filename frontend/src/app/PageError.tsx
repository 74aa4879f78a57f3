import { useTranslation } from "react-i18next";
import { useRouteError } from "react-router";
import { ApiError } from "@/api/error";
import { Button } from "@/shared/ui/Button";
import { ErrorNote } from "@/shared/ui/states";

/** When a page breaks: the rest of the app stays. */
export function PageError() {
  const { t } = useTranslation();
  const error = useRouteError();
  return (
    <div className="cd-state" role="alert">
      <h1 className="cd-state-title">{t("crash.title")}</h1>
      <p className="cd-state-text">{t("crash.text")}</p>
      {error instanceof ApiError && <ErrorNote error={error} />}
      <Button look="primary" onClick={() => location.reload()}>
        {t("crash.reload")}
      </Button>
    </div>
  );
}
