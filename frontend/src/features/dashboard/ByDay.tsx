import { lazy, Suspense } from "react";
import { useTranslation } from "react-i18next";
import type { DashboardDay } from "@/api/gen/model";
import { number } from "@/shared/money";
import { date } from "@/shared/time";
import { Skeleton } from "@/shared/ui";

const Chart = lazy(() => import("./Chart"));
const COLUMNS = ["conversations", "messages_in", "answers_ai", "answers_human", "handovers"] as const;

/** The days as lines for the eye, and as a table for whoever listens. */
export function ByDay({ days }: { days: readonly DashboardDay[] }) {
  const { t } = useTranslation("dashboard");
  return (
    <section className="cd-card dashboard-days">
      <h2>{t("chart.title")}</h2>
      <Suspense fallback={<Skeleton height={292} />}>
        <Chart days={days} />
      </Suspense>
      <div className="cd-hidden">
        <table>
          <caption>{t("chart.tableCaption")}</caption>
          <thead>
            <tr>
              <th scope="col">{t("chart.day")}</th>
              {COLUMNS.map((column) => (
                <th key={column} scope="col">
                  {t(`figures.${column}`)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {days.map((day) => (
              <tr key={day.date}>
                <th scope="row">{date(day.date, "UTC")}</th>
                {COLUMNS.map((column) => (
                  <td key={column}>{number(day[column])}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
