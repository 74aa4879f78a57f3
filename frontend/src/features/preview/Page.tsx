import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { AssistantNav } from "@/shared/AssistantNav";
import { useRights } from "@/shared/rights";
import { Badge, Button, ButtonLink, PageHead } from "@/shared/ui";
import { Ask } from "./Ask";
import { Examples } from "./Examples";
import { Turn } from "./Turn";
import { useTryout } from "./useTryout";
import "./preview.css";

/** A conversation with the assistant that nobody but the asker sees. */
export function Component() {
  const { t } = useTranslation("preview");
  const { works } = useRights();
  const { tries, isAsking, ask, askAgain, startOver } = useTryout();
  const log = useRef<HTMLOListElement>(null);
  const count = tries.length;
  useEffect(() => {
    // A new question goes to the top, and again when its answer makes room for that.
    if (count > 0 || isAsking) log.current?.lastElementChild?.scrollIntoView({ block: "start" });
  }, [count, isAsking]);
  return (
    <div className="preview">
      <div className="preview-scroll">
        <div className="cd-page preview-page">
          <PageHead title={t("title")}>
            <div className="cd-row">
              {tries.length > 0 && <Button onClick={startOver}>{t("startOver")}</Button>}
              <ButtonLink to="/settings/assistant">{t("settings")}</ButtonLink>
            </div>
          </PageHead>
          <AssistantNav />
          <p className="preview-intro">
            <Badge tone="info">{t("notSent")}</Badge> {works ? t("intro") : t("viewer")}
          </p>
          {tries.length === 0 ? (
            <Examples disabled={!works} onAsk={ask} />
          ) : (
            <ol ref={log} className="preview-log" aria-label={t("logLabel")}>
              {tries.map((one, at) => (
                <Turn
                  key={one.id}
                  one={one}
                  isLast={at === tries.length - 1}
                  onAgain={() => askAgain(one.id)}
                />
              ))}
            </ol>
          )}
        </div>
      </div>
      <Ask disabled={!works} isAsking={isAsking} onAsk={ask} />
    </div>
  );
}
