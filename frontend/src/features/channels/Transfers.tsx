import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Transfer } from "@/api/gen/model";
import { useRights } from "@/shared/rights";
import { date } from "@/shared/time";
import { Badge, Button, ErrorState, type Tone } from "@/shared/ui";
import { AnswerDialog } from "./AnswerDialog";
import { transfersQuery } from "./queries";

const TONES: Record<Transfer["state"], Tone> = {
  pending: "warning",
  accepted: "success",
  declined: "error",
  cancelled: "neutral",
  done: "success",
};

/** Pages that others ask of this business, and that it asks of others. Nothing at all where there are none. */
export function Transfers({ onConnect }: { onConnect: (transfer: Transfer) => void }) {
  const { t } = useTranslation("channels");
  const { data, error, refetch } = useQuery(transfersQuery);
  const [asked, setAsked] = useState<{ transfer: Transfer; accept: boolean } | null>(null);
  if (data === undefined) {
    return error === null ? null : <ErrorState error={error} onRetry={() => void refetch()} />;
  }
  if (data.length === 0) return null;
  return (
    <section className="channel-transfers" aria-labelledby="channel-transfers">
      <h2 id="channel-transfers">{t("transfers.title")}</h2>
      <ul className="channel-list">
        {data.map((transfer) => (
          <Row
            key={transfer.id}
            transfer={transfer}
            onAnswer={(accept) => setAsked({ transfer, accept })}
            onConnect={() => onConnect(transfer)}
          />
        ))}
      </ul>
      {asked && <AnswerDialog {...asked} onClose={() => setAsked(null)} />}
    </section>
  );
}

function Row({ transfer, onAnswer, onConnect }: RowProps) {
  const { t } = useTranslation(["channels", "common"]);
  const { owns } = useRights();
  const { is_incoming: isIncoming, state } = transfer;
  const name = transfer.page_name ?? transfer.page_id;
  const side = isIncoming ? "incoming" : "outgoing";
  const isOpen = state === "pending";
  return (
    <li className={isIncoming && isOpen ? "cd-card channel-ask channel-ask-open" : "cd-card channel-ask"}>
      <div className="channel-words">
        <h3>
          <bdi>{name}</bdi>
        </h3>
        <p className="channel-health">
          <Badge tone={TONES[state]}>{t(`channels:transfers.state.${state}`)}</Badge>
          <span>
            {t(`common:platforms.${transfer.platform}`)} · {t("channels:pageId")}{" "}
            <bdi>{transfer.page_id}</bdi> · {date(transfer.created_at)}
          </span>
        </p>
        <p className="channel-advice">{t(`channels:transfers.${side}.${state}`)}</p>
        {isOpen && !owns && <p className="channel-where">{t("channels:transfers.ownerOnly")}</p>}
      </div>
      {owns && isOpen && isIncoming && (
        <div className="channel-actions">
          <Button
            look="danger"
            aria-label={t("channels:transfers.acceptNamed", { name })}
            onClick={() => onAnswer(true)}
          >
            {t("channels:transfers.accept")}
          </Button>
          <Button aria-label={t("channels:transfers.declineNamed", { name })} onClick={() => onAnswer(false)}>
            {t("channels:transfers.decline")}
          </Button>
        </div>
      )}
      {owns && isOpen && !isIncoming && (
        <div className="channel-actions">
          <Button
            aria-label={t("channels:transfers.withdrawNamed", { name })}
            onClick={() => onAnswer(false)}
          >
            {t("channels:transfers.withdraw")}
          </Button>
        </div>
      )}
      {!isIncoming && state === "accepted" && (
        <div className="channel-actions">
          <Button
            look="primary"
            aria-label={t("channels:transfers.connectNamed", { name })}
            onClick={onConnect}
          >
            {t("channels:transfers.connect")}
          </Button>
        </div>
      )}
    </li>
  );
}

interface RowProps {
  transfer: Transfer;
  onAnswer: (accept: boolean) => void;
  onConnect: () => void;
}
