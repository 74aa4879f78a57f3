import { ArrowDownOutlined } from "@ant-design/icons";
import { useTranslation } from "react-i18next";

/** The way back to the newest message, with how many came meanwhile. */
export function JumpPill({ news, onJump }: { news: number; onJump: () => void }) {
  const { t } = useTranslation("inbox");
  return (
    <button
      type="button"
      className="in-jump"
      onClick={onJump}
      aria-label={news === 0 ? t("thread.jump") : undefined}
    >
      <ArrowDownOutlined aria-hidden="true" />
      {news > 0 && t("thread.jumpNew", { count: news })}
    </button>
  );
}
