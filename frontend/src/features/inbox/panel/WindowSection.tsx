import { useTranslation } from "react-i18next";
import type { Conversation } from "@/api/gen/model";
import { windowAt } from "../rules/window";
import { useNow } from "../useNow";
import { WindowMark } from "../WindowMark";
import { momentWord } from "../words";

/** Until when one may answer, and what Meta's rule is. */
export function WindowSection({ conversation }: { conversation: Conversation }) {
  const { t } = useTranslation("inbox");
  const now = useNow();
  const { phase, until } = windowAt(conversation.reply_window, now);
  return (
    <section className="in-panel-part" aria-label={t("window.title")}>
      <h3>
        {t("window.title")} <WindowMark window={conversation.reply_window} now={now} />
      </h3>
      <p className="in-quiet">
        {phase === "people" && until !== null
          ? t("window.peopleText", { until: momentWord(until, now) })
          : phase === "open"
            ? t("window.openText")
            : phase === "closed"
              ? t("window.closedText")
              : t("window.neverText")}
      </p>
    </section>
  );
}
