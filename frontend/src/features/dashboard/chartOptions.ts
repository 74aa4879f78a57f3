import uPlot from "uplot";
import { number } from "@/shared/money";
import { shortDate } from "@/shared/time";
import { LINES } from "./figures";

const DAY = 86_400;
/** So many days still show each day's point. */
const FEW_DAYS = 31;

/** How the chart is drawn. Its times are the days' midnights in UTC, wherever the shop is. */
export function chartOptions({ width, height, colors, onDay }: ChartNeeds): uPlot.Options {
  const color = (name: string) => colors.getPropertyValue(name).trim();
  const axis = {
    stroke: color("--cd-text-2"),
    grid: { stroke: color("--cd-border"), width: 1 },
    ticks: { show: false },
    font: `12px ${color("--cd-font")}`,
  };
  return {
    width,
    height,
    tzDate: (at) => uPlot.tzDate(new Date(at * 1000), "Etc/UTC"),
    legend: { show: false },
    cursor: { y: false, drag: { x: false, y: false }, points: { size: 8 } },
    scales: {
      x: {
        time: true,
        range: (_, first, last) => (first === last ? [first - DAY, last + DAY] : [first, last]),
      },
      y: { range: (_, __, most) => [0, Math.max(4, Math.ceil((most ?? 0) * 1.1))] },
    },
    axes: [
      {
        ...axis,
        incrs: [1, 2, 7, 14, 30, 60].map((days) => days * DAY),
        space: 60,
        values: (_, at) => at.map((time) => shortDate(time * 1000, "UTC")),
      },
      {
        ...axis,
        incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 50_000, 100_000],
        values: (_, at) => at.map((value) => number(value)),
      },
    ],
    series: [
      {},
      ...LINES.map((line) => ({
        stroke: color(line.color),
        width: 2.5,
        dash: [...line.dash],
        points: { show: (plot: uPlot) => plot.data[0].length <= FEW_DAYS, size: 6, fill: color(line.color) },
      })),
    ],
    hooks: { setCursor: [(plot) => onDay(plot.cursor.idx ?? null)] },
  };
}

interface ChartNeeds {
  width: number;
  height: number;
  colors: CSSStyleDeclaration;
  /** The day under the pointer, by its place among the days. */
  onDay: (at: number | null) => void;
}
