import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { Centered } from "./guards";

export function NotFound() {
  const { t } = useTranslation();
  return (
    <Centered>
      <title>{`${t("notFound.title")} · ChatDesk`}</title>
      <div className="cd-state">
        <h1 className="cd-state-title">{t("notFound.title")}</h1>
        <p className="cd-state-text">{t("notFound.text")}</p>
        <Link className="cd-btn cd-btn-primary" to="/inbox">
          {t("notFound.back")}
        </Link>
      </div>
    </Centered>
  );
}
