import { useTranslation } from "react-i18next";
import { Badge, Button, ErrorNote, Skeleton } from "@/shared/ui";
import { Facts } from "./Facts";
import type { Try } from "./tries";

/** A question, what the customer would get to read, and where it came from. */
export function Turn({ one, isLast, onAgain }: { one: Try; isLast: boolean; onAgain: () => void }) {
  const { t } = useTranslation("preview");
  return (
    <li className="preview-turn">
      <div className="preview-bubble preview-customer">
        <span className="preview-who">{t("customer")}</span>
        <bdi>{one.text}</bdi>
      </div>
      <div aria-live={isLast ? "polite" : "off"}>
        <Outcome one={one} isLast={isLast} onAgain={onAgain} />
      </div>
    </li>
  );
}

function Outcome({ one, isLast, onAgain }: { one: Try; isLast: boolean; onAgain: () => void }) {
  const { t } = useTranslation("preview");
  const { answer, error } = one;
  if (error !== null) {
    return (
      <div className="cd-stack preview-failed">
        <ErrorNote error={error} />
        <Button onClick={onAgain}>{t("again")}</Button>
      </div>
    );
  }
  if (answer === null) {
    return (
      <div className="preview-bubble preview-assistant">
        <span className="cd-hidden">{t("thinking")}</span>
        <Skeleton width={220} />
        <Skeleton width={150} style={{ marginTop: 8 }} />
      </div>
    );
  }
  const isAnswered = answer.outcome === "answered";
  return (
    <>
      <div className="preview-bubble preview-assistant">
        <span className="preview-who">
          {t("assistant")}{" "}
          <Badge tone={isAnswered ? "success" : "warning"}>
            {isAnswered ? t("facts.answered") : t("facts.handover")}
          </Badge>
        </span>
        <bdi>{answer.answer}</bdi>
      </div>
      <Facts answer={answer} open={isLast} />
    </>
  );
}
