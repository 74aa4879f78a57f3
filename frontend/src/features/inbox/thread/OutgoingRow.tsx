import { useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { ApiError } from "@/api/error";
import { errorText, fieldErrorText } from "@/shared/i18n/errors";
import { useOnline } from "@/shared/online";
import { clock } from "@/shared/time";
import { knownFailure } from "../codes";
import { sendAgain } from "../compose/courier";
import { discard, type Outgoing, type Refusal, useOutbox } from "../compose/outbox";
import { type Chances, mayRetry } from "../rules/delivery";
import { kindWord } from "../words";
import { FileCard } from "./Attachments";
import { BubbleText } from "./Bubble";
import { Cards, QuickReplyList } from "./Cards";
import { DeliveryMark } from "./DeliveryMark";
import { FailureBox } from "./Failed";
import type { Place } from "./rows";

interface Props extends Place {
  outgoing: Outgoing;
  author: string;
  chances: Chances;
  onEdit: (text: string) => void;
}

/** A message that the server does not have yet. It looks like the one it will be. */
export function OutgoingRow({ outgoing, author, isFirst, isLast, chances, onEdit }: Props) {
  const { t } = useTranslation(["inbox", "common"]);
  const client = useQueryClient();
  const isSending = useOutbox(({ sending }) => sending.has(outgoing.id));
  const { refusal, text, file, cards, quickReplies } = outgoing;
  const waits = !useOnline() && !isSending;
  return (
    <article className="in-msg in-msg-out in-msg-business" data-client-id={outgoing.id}>
      {isFirst && (
        <p className="in-msg-author">
          <bdi>{author}</bdi>
        </p>
      )}
      {file && <FileCard kind={kindWord(file.kind, t)} title={file.name} href={null} />}
      {text !== null && <BubbleText text={text} />}
      {cards && <Cards cards={cards} />}
      {quickReplies && <QuickReplyList titles={quickReplies} />}
      {refusal === null ? (
        isLast && (
          <p className="in-msg-meta">
            <time>{clock(outgoing.at)}</time>
            {waits ? (
              <span className="in-delivery">{t("delivery.offline")}</span>
            ) : (
              <DeliveryMark delivery="sending" />
            )}
          </p>
        )
      ) : (
        <>
          <p className="in-msg-meta">
            <time>{clock(outgoing.at)}</time>
            <DeliveryMark delivery="failed" />
          </p>
          <FailureBox
            reason={refusalWord(refusal)}
            requestId={refusal.requestId}
            onRetry={mayRetry(refusal.code, outgoing.at, chances) ? () => sendAgain(client, outgoing) : null}
            onEdit={
              text === null
                ? null
                : () => {
                    discard(outgoing.id);
                    onEdit(text);
                  }
            }
            onDiscard={() => discard(outgoing.id)}
          />
        </>
      )}
    </article>
  );
}

function refusalWord({ code, field }: Refusal): string {
  if (field === null) return knownFailure(code) ?? errorText(new ApiError({ status: 409, code }));
  const [name = "", fieldCode = ""] = field.split(".");
  return fieldErrorText({ field: name, code: fieldCode, detail: "" });
}
