import { ClockCircleOutlined } from "@ant-design/icons";
import { useTranslation } from "react-i18next";
import type { ReplyWindow } from "@/api/gen/model";
import { fullTime } from "@/shared/time";
import { type WindowAt, windowAt } from "./rules/window";
import { leftWord } from "./words";

const TINTS: Record<WindowAt["tone"], string> = {
  green: "cd-tint-success",
  amber: "cd-tint-warning",
  red: "cd-tint-error",
};

/** How long one may still answer: green, amber below two hours, red when it is over. */
export function WindowMark({ window, now }: { window: ReplyWindow; now: number }) {
  const { t } = useTranslation(["inbox", "common"]);
  const { phase, until, tone } = windowAt(window, now);
  const left = until === null ? "" : leftWord(until, now, t);
  return (
    <span className={`in-window ${TINTS[tone]}`} title={until === null ? undefined : fullTime(until)}>
      <ClockCircleOutlined aria-hidden="true" />
      <span className="cd-hidden">{t("window.title")}: </span>
      {phase === "open" ? t("window.openShort", { left }) : t(`window.${phase}Short`)}
    </span>
  );
}
