import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import uPlot from "uplot";
import type { DashboardDay } from "@/api/gen/model";
import { useIsDark } from "@/shared/appearance";
import { number } from "@/shared/money";
import { date } from "@/shared/time";
import { chartOptions } from "./chartOptions";
import { LINES } from "./figures";
import "uplot/dist/uPlot.min.css";

const HEIGHT = 260;

/** The lines with their legend, which tells the day under the pointer, else the whole period. */
export default function Chart({ days }: { days: readonly DashboardDay[] }) {
  const { i18n } = useTranslation();
  const place = useRef<HTMLDivElement>(null);
  const [at, setAt] = useState<number | null>(null);
  const isDark = useIsDark();
  const language = i18n.language;

  // The canvas knows neither colours nor words of its own, so another theme or language draws it anew.
  // biome-ignore lint/correctness/useExhaustiveDependencies: theme and language are read while drawing
  useEffect(() => {
    const box = place.current;
    if (box === null) return;
    const times = days.map((day) => Date.parse(day.date) / 1000);
    const options = chartOptions({
      width: box.clientWidth,
      height: HEIGHT,
      colors: getComputedStyle(box),
      onDay: setAt,
    });
    const plot = new uPlot(options, [times, ...LINES.map(({ key }) => days.map((day) => day[key]))], box);
    const observer = new ResizeObserver(() => plot.setSize({ width: box.clientWidth, height: HEIGHT }));
    observer.observe(box);
    return () => {
      observer.disconnect();
      plot.destroy();
    };
  }, [days, isDark, language]);

  return (
    // The table beside it says the same in words.
    <div aria-hidden="true">
      <Legend days={days} day={at === null ? undefined : days[at]} />
      <div ref={place} className="dashboard-chart" style={{ height: HEIGHT }} />
    </div>
  );
}

function Legend({ days, day }: { days: readonly DashboardDay[]; day: DashboardDay | undefined }) {
  const { t } = useTranslation("dashboard");
  const shown = day === undefined ? days : [day];
  return (
    <div className="dashboard-legend">
      <strong>{day === undefined ? t("chart.total") : date(day.date, "UTC")}</strong>
      {LINES.map(({ key, color, dash }) => (
        <span key={key}>
          <svg width="26" height="8" aria-hidden="true">
            <line
              x1="0"
              x2="26"
              y1="4"
              y2="4"
              stroke={`var(${color})`}
              strokeWidth="2.5"
              strokeDasharray={dash.join(" ")}
            />
          </svg>
          {t(`figures.${key}`)}: {number(shown.reduce((sum, one) => sum + one[key], 0))}
        </span>
      ))}
    </div>
  );
}
