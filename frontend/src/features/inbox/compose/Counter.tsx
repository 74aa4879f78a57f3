import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import type { Platform } from "@/api/gen/model";
import { leftToShow } from "../rules/limits";
import { splitText } from "../rules/split";

interface Props {
  text: string;
  most: number;
  /** Where the text goes, in parts; null when it goes nowhere. */
  platform: Platform | null;
}

/** In how many messages a text goes out when it is more than one, and what is left of the limit once it is little. */
export function Counter({ text, most, platform }: Props) {
  const { t } = useTranslation("inbox");
  const left = leftToShow(text, most);
  const isOver = left !== null && left < 0;
  const parts = useMemo(
    () => (platform === null || isOver ? 1 : splitText(platform, text).length),
    [platform, isOver, text],
  );
  const words = [
    parts > 1 ? t("composer.parts", { count: parts }) : "",
    isOver ? t("composer.overCharacters", { count: -left }) : "",
    left !== null && !isOver ? t("composer.leftCharacters", { count: left }) : "",
  ];
  return (
    <p className={isOver ? "in-counter in-counter-over" : "in-counter"} role="status">
      {words.filter((word) => word !== "").join(" · ")}
    </p>
  );
}
