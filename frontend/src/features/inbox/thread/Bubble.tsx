import { memo, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Message, Platform } from "@/api/gen/model";
import { linkParts } from "@/shared/text";
import { clock, fullTime } from "@/shared/time";
import { deliveryOf } from "../rules/delivery";
import { Attachments } from "./Attachments";
import { Cards, QuickReplyList } from "./Cards";
import { DeliveryMark } from "./DeliveryMark";
import { Edited, Marks, Origin } from "./Marks";
import { ProvenanceButton } from "./Provenance";
import { Quote, Story } from "./Quote";
import { Reactions } from "./Reactions";
import type { Place } from "./rows";
import { Source } from "./Source";

interface Props extends Place {
  message: Message;
  platform: Platform;
  /** Who wrote it, for groups of colleagues and the assistant; null for the customer. */
  author: string | null;
  isMarked: boolean;
  /** Shows the message that this one answers. */
  onGoTo: (id: string) => void;
}

/** A message as the customer or the shop sees it. */
export const Bubble = memo(function Bubble(props: Props) {
  const { message, platform, author, isFirst, isLast, isMarked, onGoTo } = props;
  const side = message.sender_type === "contact" ? "in" : "out";
  const delivery = deliveryOf(message, platform);
  const isSpecial = Boolean(message.edited_at) || message.origin !== "live";
  const classes = [`in-msg in-msg-${side}`, `in-msg-${message.sender_type}`, isMarked && "in-msg-marked"];
  return (
    <article className={classes.filter(Boolean).join(" ")} data-message={message.id}>
      {isFirst && author !== null && (
        <p className="in-msg-author">
          <bdi>{author}</bdi>
          {message.provenance && <ProvenanceButton provenance={message.provenance} />}
        </p>
      )}
      <Body message={message} onGoTo={onGoTo} />
      <Marks message={message} />
      <Reactions message={message} />
      {(isLast || isSpecial || delivery === "failed" || delivery === "unknown") && (
        <p className="in-msg-meta">
          <time dateTime={message.created_at} title={fullTime(message.created_at)}>
            {clock(message.created_at)}
          </time>
          <Edited message={message} />
          <Origin message={message} />
          {delivery !== null && <DeliveryMark delivery={delivery} isDecided={!message.needs_decision} />}
        </p>
      )}
      {!isFirst && message.provenance && <ProvenanceButton provenance={message.provenance} />}
    </article>
  );
});

function Body({ message, onGoTo }: Pick<Props, "message" | "onGoTo">) {
  const { t } = useTranslation("inbox");
  const { content, attachments, cards, context } = message;
  if (message.deleted_at) return <p className="in-bubble in-bubble-quiet">{t("message.removed")}</p>;
  const hasText = content.trim() !== "";
  const isEmpty = !hasText && attachments.length === 0 && cards.length === 0 && !context?.is_story;
  return (
    <>
      {context?.reply_to_id && <Quote message={message} onGoTo={onGoTo} />}
      <Story message={message} />
      {context?.referral && <Source referral={context.referral} />}
      <Attachments message={message} />
      {hasText && <BubbleText text={content} />}
      <Cards cards={cards} />
      <QuickReplyList titles={message.quick_replies} />
      {isEmpty && (
        <p className="in-bubble in-bubble-quiet">
          {context?.is_unsupported ? t("message.unsupported") : t("message.empty")}
        </p>
      )}
    </>
  );
}

/** Longer texts are folded: one message must not be the whole thread. */
const FOLD_AT = 1500;

export function BubbleText({ text }: { text: string }) {
  const { t } = useTranslation("inbox");
  const [isOpen, setOpen] = useState(false);
  const isLong = text.length > FOLD_AT * 1.2;
  const shown = isLong && !isOpen ? `${cutAt(text, FOLD_AT)}…` : text;
  return (
    <div className="in-bubble">
      <p className="in-bubble-text" dir="auto">
        <TextWithLinks text={shown} />
      </p>
      {isLong && (
        <button type="button" className="in-fold" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
          {isOpen ? t("message.less") : t("message.more")}
        </button>
      )}
    </div>
  );
}

/** Never between the halves of one sign. */
function cutAt(text: string, at: number): string {
  const [segment] = new Intl.Segmenter(undefined, { granularity: "grapheme" }).segment(
    text.slice(at, at + 64),
  );
  return text.slice(0, at) + (segment?.segment ?? "");
}

/** What people write, as text. Only http and https become links. */
export function TextWithLinks({ text }: { text: string }) {
  return linkParts(text).map((part, index) =>
    part.href === null ? (
      part.text
    ) : (
      // Parts of one text never change places.
      // biome-ignore lint/suspicious/noArrayIndexKey: see above
      <a key={index} href={part.href} target="_blank" rel="noopener noreferrer nofollow" dir="ltr">
        {part.text}
      </a>
    ),
  );
}
