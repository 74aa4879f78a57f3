import { useTranslation } from "react-i18next";
import type { Message } from "@/api/gen/model";
import { useRights } from "@/shared/rights";
import { Button } from "@/shared/ui";
import { failureWord } from "../codes";
import { useActions } from "../data/actions";
import { type Chances, mayRetry } from "../rules/delivery";
import { setDiscarded, useDiscarded } from "./discarded";

interface Props {
  message: Message;
  chances: Chances;
  /** Takes the text into the composer. */
  onEdit: (text: string) => void;
}

/** Why a message did not go out, and what one can do about it. */
export function Failed({ message, chances, onEdit }: Props) {
  const { t } = useTranslation("inbox");
  const actions = useActions();
  const isDiscarded = useDiscarded(({ ids }) => ids.has(message.id));
  const code = message.failure?.code ?? "other";
  const { works } = useRights();
  // The assistant's own messages are its to repeat.
  const isOurs = works && message.sender_type === "business";
  if (isDiscarded) {
    return (
      <p className="in-failed-quiet">
        {t("failure.discarded")}{" "}
        <Button look="link" onClick={() => setDiscarded(message.id, false)}>
          {t("failure.restore")}
        </Button>
      </p>
    );
  }
  return (
    <FailureBox
      reason={failureWord(code, t)}
      onRetry={
        isOurs && mayRetry(code, Date.parse(message.created_at), chances)
          ? () => void actions.retry(message)
          : null
      }
      onEdit={
        isOurs && message.content !== ""
          ? () => {
              setDiscarded(message.id, true);
              onEdit(message.content);
            }
          : null
      }
      onDiscard={isOurs ? () => setDiscarded(message.id, true) : null}
    />
  );
}

interface BoxProps {
  reason: string;
  requestId?: string | null;
  onRetry: (() => void) | null;
  onEdit: (() => void) | null;
  onDiscard: (() => void) | null;
}

export function FailureBox({ reason, requestId, onRetry, onEdit, onDiscard }: BoxProps) {
  const { t } = useTranslation(["inbox", "common"]);
  return (
    <fieldset className="in-failed cd-tint-error" aria-label={t("delivery.failed")}>
      <p>{reason}</p>
      {requestId && (
        <p className="cd-state-id">
          {t("common:requestId")}: <code>{requestId}</code>
        </p>
      )}
      <div className="cd-row">
        {onRetry && (
          <Button small onClick={onRetry}>
            {t("failure.retry")}
          </Button>
        )}
        {onEdit && (
          <Button small onClick={onEdit}>
            {t("failure.edit")}
          </Button>
        )}
        {onDiscard && (
          <Button small look="plain" onClick={onDiscard}>
            {t("failure.discard")}
          </Button>
        )}
      </div>
    </fieldset>
  );
}
