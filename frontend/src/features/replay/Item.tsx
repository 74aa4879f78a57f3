import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import type { ReplayItem } from "@/api/gen/model";
import { reasonText, ruleText } from "@/shared/reasons";
import { Badge } from "@/shared/ui";
import { isSame } from "./queries";

/** One question: what was said beside what the assistant would say. */
export function Item({ item }: { item: ReplayItem }) {
  const { t } = useTranslation("replay");
  const { question, what_was_said, ai_would_say, outcome, reason, verdict, model } = item;
  const isBlocked = verdict !== "" && verdict !== "passed";
  return (
    <li className="replay-item">
      <div className="replay-head">
        <h2>
          <span className="replay-who">{t("customer")}</span>
          <bdi>{question}</bdi>
        </h2>
        <Link to={`/inbox/${item.conversation_id}`} aria-label={t("openNamed", { question })}>
          {t("open")}
        </Link>
      </div>
      <div className="replay-sides">
        <div className="replay-said">
          <h3>{t("said")}</h3>
          {what_was_said ? (
            <p>
              <bdi>{what_was_said}</bdi>
            </p>
          ) : (
            <p className="replay-none">{t("nobody")}</p>
          )}
        </div>
        <div className="replay-would">
          <h3>
            {t("would")}{" "}
            <Badge tone={outcome === "answered" ? "success" : "warning"}>{t(`outcome.${outcome}`)}</Badge>{" "}
            {isSame(item) && <Badge>{t("same")}</Badge>}
          </h3>
          <p>
            <bdi>{ai_would_say}</bdi>
          </p>
          <p className="replay-facts">
            {reason && <span>{t("reason", { reason: reasonText(reason) })}</span>}
            {isBlocked && <span>{t("blocked", { rule: ruleText(verdict) })}</span>}
            {model !== "" && model !== "catalogue" && <span>{t("model", { model })}</span>}
          </p>
        </div>
      </div>
    </li>
  );
}
