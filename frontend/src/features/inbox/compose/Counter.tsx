import { useTranslation } from "react-i18next";
import { type Limit, leftToShow } from "../rules/limits";

/** What is left of the platform's limit, once it is little. */
export function Counter({ text, limit }: { text: string; limit: Limit }) {
  const { t } = useTranslation("inbox");
  const left = leftToShow(text, limit);
  const isBytes = limit.unit === "bytes";
  let words = "";
  if (left !== null && left >= 0) {
    words = isBytes
      ? t("composer.leftBytes", { count: left })
      : t("composer.leftCharacters", { count: left });
  } else if (left !== null) {
    words = isBytes
      ? t("composer.overBytes", { count: -left })
      : t("composer.overCharacters", { count: -left });
  }
  return (
    <p className={left !== null && left < 0 ? "in-counter in-counter-over" : "in-counter"} role="status">
      {words}
    </p>
  );
}
