import { QuestionCircleFilled } from "@ant-design/icons";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Message } from "@/api/gen/model";
import { useRights } from "@/shared/rights";
import { Button } from "@/shared/ui";
import { useActions } from "../data/actions";

/** Nobody knows what became of a message, and nobody but a person can find out: they say whether the customer has it. */
export function Undecided({ message }: { message: Message }) {
  const { t } = useTranslation("inbox");
  const actions = useActions();
  const { works } = useRights();
  const [isBusy, setBusy] = useState(false);
  const decide = async (wasDelivered: boolean) => {
    setBusy(true);
    await actions.resolve(message, wasDelivered);
    setBusy(false);
  };
  return (
    <fieldset className="in-undecided cd-tint-warning" aria-label={t("undecided.title")}>
      <p className="in-undecided-title">
        <QuestionCircleFilled aria-hidden="true" /> {t("undecided.title")}
      </p>
      <p>{t("undecided.text")}</p>
      {works && (
        <div className="cd-row">
          <Button small disabled={isBusy} onClick={() => void decide(true)}>
            {t("undecided.delivered")}
          </Button>
          <Button small disabled={isBusy} onClick={() => void decide(false)}>
            {t("undecided.notDelivered")}
          </Button>
        </div>
      )}
    </fieldset>
  );
}
