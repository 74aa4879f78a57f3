import { useTranslation } from "react-i18next";
import type { Dashboard } from "@/api/gen/model";
import { percent } from "@/shared/money";
import { reasonText } from "@/shared/reasons";
import { allHandovers } from "./figures";

export function Handovers({ told }: { told: Dashboard }) {
  const { t } = useTranslation("dashboard");
  const all = allHandovers(told);
  const most = Math.max(1, ...told.handovers.map(({ count }) => count));
  return (
    <section className="cd-card">
      <h2>{t("handovers.title")}</h2>
      {all === 0 ? (
        <p className="dashboard-none">{t("handovers.none")}</p>
      ) : (
        <ul className="dashboard-bars">
          {told.handovers.map(({ reason, count }) => (
            <li key={reason}>
              <span>{reasonText(reason)}</span>
              <span className="dashboard-bar" aria-hidden="true">
                <span style={{ width: `${(count / most) * 100}%` }} />
              </span>
              <span className="dashboard-count">
                {t("handovers.count", { count })} · {percent(count / all)}
              </span>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
