import { memo } from "react";
import { useTranslation } from "react-i18next";
import type { Conversation, Message } from "@/api/gen/model";
import { Button, Skeleton } from "@/shared/ui";
import type { NameOf } from "../data/members";
import type { Chances } from "../rules/delivery";
import { useNow } from "../useNow";
import { dayWord, type InboxWords } from "../words";
import { Bubble } from "./Bubble";
import { Failed } from "./Failed";
import { NoteRow } from "./NoteRow";
import { OutgoingRow } from "./OutgoingRow";
import type { Row } from "./rows";

/** What all rows of a thread share. One object, so that a row is drawn again only when something changed. */
export interface Shared {
  conversation: Conversation;
  me: string;
  nameOf: NameOf;
  /** Whether this person may remove the notes of others. */
  mayDeleteAll: boolean;
  chances: Chances;
  olderFailed: boolean;
  onOlder: () => void;
  onEdit: (text: string) => void;
}

/** One line of the thread. */
export const RowView = memo(function RowView({ row, shared, isMarked }: RowProps) {
  const { t } = useTranslation(["inbox", "common"]);
  const { conversation, me, nameOf, mayDeleteAll, chances, olderFailed, onOlder, onEdit } = shared;
  switch (row.kind) {
    case "start":
      return <p className="in-start">{t("thread.start")}</p>;
    case "older":
      return <Older failed={olderFailed} onOlder={onOlder} />;
    case "day":
      return <DayRow at={row.at} />;
    case "unread":
      return (
        <p className="in-unread">
          <span>{t("thread.unread")}</span>
        </p>
      );
    case "note": {
      const mayDelete = row.note.author_id === me || mayDeleteAll;
      const author =
        row.note.author_id === me ? t("you") : (nameOf(row.note.author_id) ?? t("formerColleague"));
      return <NoteRow note={row.note} author={author} mayDelete={mayDelete} />;
    }
    case "outgoing": {
      const { outgoing, isFirst, isLast } = row;
      const place = { isFirst, isLast };
      return (
        <OutgoingRow {...place} outgoing={outgoing} author={t("you")} chances={chances} onEdit={onEdit} />
      );
    }
    case "message": {
      const { message, isFirst, isLast } = row;
      const author = authorOf(message, me, nameOf(message.author_id), t);
      return (
        <>
          <Bubble
            message={message}
            isFirst={isFirst}
            isLast={isLast}
            platform={conversation.platform}
            author={author}
            isMarked={isMarked}
          />
          {message.status === "failed" && <Failed message={message} chances={chances} onEdit={onEdit} />}
        </>
      );
    }
  }
});

interface RowProps {
  row: Row;
  shared: Shared;
  isMarked: boolean;
}

function authorOf(message: Message, me: string, name: string | null, t: InboxWords): string | null {
  if (message.sender_type === "contact") return null;
  if (message.sender_type === "ai") return t("assistant");
  if (!message.author_id) return t("thread.fromApp");
  return message.author_id === me ? t("you") : (name ?? t("formerColleague"));
}

function DayRow({ at }: { at: string }) {
  const { t } = useTranslation(["inbox", "common"]);
  const now = useNow();
  return (
    <p className="in-day">
      <span>{dayWord(at, now, t)}</span>
    </p>
  );
}

function Older({ failed, onOlder }: { failed: boolean; onOlder: () => void }) {
  const { t } = useTranslation(["inbox", "common"]);
  if (failed) {
    return (
      <p className="in-start" role="alert">
        {t("thread.olderFailed")}{" "}
        <Button look="link" onClick={onOlder}>
          {t("common:retry")}
        </Button>
      </p>
    );
  }
  return (
    <div className="in-older">
      <span className="cd-hidden">{t("thread.older")}</span>
      <Skeleton width="40%" height={36} />
    </div>
  );
}
