import { useTranslation } from "react-i18next";
import type { Platform } from "@/api/gen/model";

/** Where an access token comes from, step by step. */
export function TokenHelp({ platform }: { platform: Platform }) {
  const { t } = useTranslation("channels");
  return (
    <details className="channel-help">
      <summary>{t("form.help")}</summary>
      <ol>
        <li>{t("form.steps.app")}</li>
        <li>{t(`form.steps.${platform}`)}</li>
        <li>{t("form.steps.copy")}</li>
      </ol>
    </details>
  );
}
