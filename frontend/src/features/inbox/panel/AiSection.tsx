import { useTranslation } from "react-i18next";
import type { Conversation } from "@/api/gen/model";
import { reasonText } from "@/shared/reasons";
import { Button } from "@/shared/ui";
import { AiMark } from "../marks";
import { aiStateAt, mayHandBack } from "../rules/ai";
import { windowAt } from "../rules/window";
import { useConversationActions } from "../useConversationActions";
import { useNow } from "../useNow";
import { momentWord } from "../words";

/** What the assistant does, why it is silent and until when, and how to change that. */
export function AiSection({ conversation, mayAct }: { conversation: Conversation; mayAct: boolean }) {
  const { t } = useTranslation(["inbox", "common"]);
  const now = useNow();
  const { setAi } = useConversationActions(conversation);
  const { ai, is_ai_enabled: isOn } = conversation;
  const state = aiStateAt(ai, now);
  const mayAnswer = windowAt(conversation.reply_window, now).phase === "open";
  return (
    <section className="in-panel-part" aria-label={t("ai.title")}>
      <h3>
        {t("ai.title")} <AiMark state={state} />
      </h3>
      {state === "active" && <p className="in-quiet">{mayAnswer ? t("ai.activeText") : t("ai.noWindow")}</p>}
      {state !== "active" && ai.reason && (
        <p>
          {`${reasonText(ai.reason)}.`}
          {ai.reason === "self_harm" && ` ${t("ai.urgent")}`}
        </p>
      )}
      {state === "paused" && ai.until && <p>{t("ai.pausedUntil", { time: momentWord(ai.until, now) })}</p>}
      {conversation.is_other_apps && <p className="in-other-app-text">{t("ai.otherAppText")}</p>}
      {mayAct && mayHandBack(ai, now) && (
        <Button look="primary" small onClick={() => setAi(true)}>
          {t("ai.handBack")}
        </Button>
      )}
      {mayAct && (
        <label className="in-switch">
          <input
            type="checkbox"
            role="switch"
            aria-checked={isOn && state !== "off"}
            checked={isOn && state !== "off"}
            onChange={(event) => setAi(event.target.checked)}
          />
          {t("ai.switch")}
        </label>
      )}
    </section>
  );
}
