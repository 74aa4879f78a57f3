import { useTranslation } from "react-i18next";
import type { Dashboard } from "@/api/gen/model";
import { percent } from "@/shared/money";
import { allHandovers, knownReason } from "./figures";

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
              <Reason code={reason} />
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

function Reason({ code }: { code: string }) {
  const { t } = useTranslation("dashboard");
  const reason = knownReason(code);
  return <span>{reason === null ? t("handovers.other", { reason: code }) : t(`reasons.${reason}`)}</span>;
}
