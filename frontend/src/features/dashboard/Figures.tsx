import { useTranslation } from "react-i18next";
import type { Dashboard } from "@/api/gen/model";
import { number, percent } from "@/shared/money";
import { duration } from "@/shared/time";
import { allHandovers, shareOfAi } from "./figures";

export function Figures({ told }: { told: Dashboard }) {
  const { t } = useTranslation("dashboard");
  const share = shareOfAi(told);
  const median = told.median_answer_seconds ?? null;
  const figures = [
    { key: "conversations", value: number(told.conversations) },
    { key: "messages_in", value: number(told.messages_in) },
    {
      key: "answers_ai",
      value: number(told.answers_ai),
      note: share === null ? null : t("figures.share", { share: percent(share) }),
    },
    { key: "answers_human", value: number(told.answers_human) },
    { key: "handovers", value: number(allHandovers(told)) },
    { key: "median", value: median === null ? t("figures.none") : duration(median) },
  ] as const;
  return (
    <section aria-label={t("figuresLabel")}>
      <dl className="dashboard-figures">
        {figures.map((figure) => (
          <div key={figure.key} className="cd-card">
            <dt>{t(`figures.${figure.key}`)}</dt>
            <dd>
              {figure.value}
              {"note" in figure && figure.note && <small>{figure.note}</small>}
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
