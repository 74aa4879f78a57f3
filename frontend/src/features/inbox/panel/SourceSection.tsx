import { useTranslation } from "react-i18next";
import type { Referral } from "@/api/gen/model";
import { Source } from "../thread/Source";

/** Where the customer came from last. */
export function SourceSection({ source }: { source: Referral }) {
  const { t } = useTranslation("inbox");
  return (
    <section className="in-panel-part" aria-label={t("source.title")}>
      <h3>{t("source.title")}</h3>
      <Source referral={source} />
    </section>
  );
}
