import { CloseCircleFilled, QuestionCircleFilled } from "@ant-design/icons";
import { memo } from "react";
import { useTranslation } from "react-i18next";
import { Link, useSearchParams } from "react-router";
import type { Conversation } from "@/api/gen/model";
import { fullTime } from "@/shared/time";
import { Avatar, Badge, VisuallyHidden } from "@/shared/ui";
import { conversationPath } from "../address";
import { hasDraft, useDrafts } from "../compose/drafts";
import { AiMark, LabelChip, PlatformMark } from "../marks";
import { aiStateAt } from "../rules/ai";
import { contactName, type InboxWords, listTime, preview } from "../words";
import { leadingParts, type MarkedPart, markedParts } from "./marked";

export interface RowProps {
  conversation: Conversation;
  isOpen: boolean;
  /** The one row that Tab reaches; arrow keys go on from there. */
  isTabStop: boolean;
  now: number;
  me: string;
  query: string;
  assignee: string | null;
}

/** One conversation in the list. */
export const Row = memo(function Row({
  conversation,
  isOpen,
  isTabStop,
  now,
  me,
  query,
  assignee,
}: RowProps) {
  const { t } = useTranslation(["inbox", "common"]);
  const [params] = useSearchParams();
  const name = contactName(conversation.contact, t);
  const at = conversation.last_message_at ?? conversation.created_at;
  const { unread_count: unread, undecided_count: undecided, found } = conversation;
  return (
    <Link
      to={conversationPath(conversation.id, params, found?.message_id ?? null)}
      className="in-row"
      data-conversation={conversation.id}
      aria-current={isOpen ? "true" : undefined}
      tabIndex={isTabStop ? 0 : -1}
      draggable={false}
    >
      <Avatar name={name} url={conversation.contact.profile_pic_url ?? null} size={40} />
      <span className="in-row-body">
        <span className="in-row-line">
          <bdi className={unread > 0 ? "in-row-name in-strong" : "in-row-name"}>
            {query === "" ? name : <Marked parts={markedParts(name, query)} />}
          </bdi>
          <time className="in-row-time" dateTime={at} title={fullTime(at)}>
            {listTime(at, now, t)}
          </time>
        </span>
        <span className="in-row-line">
          <span className={unread > 0 ? "in-row-text in-strong" : "in-row-text"} dir="auto">
            {query !== "" && found?.message_id ? (
              <Marked parts={leadingParts(markedParts(found.text, query))} />
            ) : (
              textOf(conversation, me, t)
            )}
          </span>
          {conversation.last_message?.status === "failed" && (
            <span className="in-row-failed" title={t("delivery.failed")}>
              <CloseCircleFilled aria-hidden="true" />
              <VisuallyHidden>{t("delivery.failed")}</VisuallyHidden>
            </span>
          )}
          {undecided > 0 && (
            <span className="in-row-undecided" title={t("list.undecided", { count: undecided })}>
              <QuestionCircleFilled aria-hidden="true" />
              <VisuallyHidden>{t("list.undecided", { count: undecided })}</VisuallyHidden>
            </span>
          )}
          {unread > 0 && (
            <Badge tone="count">
              <span aria-hidden="true">{unread > 99 ? "99+" : unread}</span>
              <VisuallyHidden>{t("list.unread", { count: unread })}</VisuallyHidden>
            </Badge>
          )}
        </span>
        <span className="in-row-line in-row-marks">
          <PlatformMark platform={conversation.platform} />
          <AiMark state={aiStateAt(conversation.ai, now)} />
          {conversation.status === "closed" && <Badge>{t("list.closed")}</Badge>}
          <DraftMark id={conversation.id} />
          {conversation.labels.slice(0, 2).map((label) => (
            <LabelChip key={label.id} label={label} />
          ))}
          {conversation.labels.length > 2 && <Badge>+{conversation.labels.length - 2}</Badge>}
          {assignee !== null && (
            <span className="in-row-assignee" title={t("list.assignedTo", { name: assignee })}>
              <Avatar name={assignee} size={18} />
              <VisuallyHidden>{t("list.assignedTo", { name: assignee })}</VisuallyHidden>
            </span>
          )}
        </span>
      </span>
    </Link>
  );
});

function textOf(conversation: Conversation, me: string, t: InboxWords): string {
  return conversation.last_message ? preview(conversation.last_message, me, t) : t("list.noMessages");
}

function Marked({ parts }: { parts: readonly MarkedPart[] }) {
  return parts.map((part, index) =>
    // Parts of one text never change places.
    // biome-ignore lint/suspicious/noArrayIndexKey: see above
    part.isFound ? <mark key={index}>{part.text}</mark> : part.text,
  );
}

function DraftMark({ id }: { id: string }) {
  const { t } = useTranslation("inbox");
  const isThere = useDrafts(({ drafts }) => hasDraft(drafts, id));
  return isThere ? <span className="in-draft">{t("list.draft")}</span> : null;
}
