import { useTranslation } from "react-i18next";
import { useLocation, useNavigate, useRouteError } from "react-router";
import { ApiError } from "@/api/error";
import { Button } from "@/shared/ui/Button";
import { ErrorNote, ErrorState } from "@/shared/ui/states";

/** When a page breaks: the rest of the app stays. */
export function PageError() {
  const { t } = useTranslation();
  const error = useRouteError();
  const navigate = useNavigate();
  const here = useLocation();
  // Without a network the browser would put its own page in place of the app.
  if (error instanceof ApiError && error.status === 0) {
    return (
      <ErrorState error={error} onRetry={() => void navigate(here, { replace: true, state: here.state })} />
    );
  }
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
