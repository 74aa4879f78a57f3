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
import { Held } from "./Held";
import { NoteRow } from "./NoteRow";
import { OutgoingRow } from "./OutgoingRow";
import type { Row } from "./rows";
import { Undecided } from "./Undecided";

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
  newerFailed: boolean;
  onNewer: () => void;
  /** Shows a message, however far away it is. */
  onGoTo: (id: string) => void;
  onEdit: (text: string) => void;
}

/** One line of the thread. */
export const RowView = memo(function RowView({ row, shared, isMarked }: RowProps) {
  const { t } = useTranslation(["inbox", "common"]);
  const { conversation, me, nameOf, mayDeleteAll, chances, onEdit, onGoTo } = shared;
  switch (row.kind) {
    case "start":
      return <p className="in-start">{t("thread.start")}</p>;
    case "older":
      return <More way="older" failed={shared.olderFailed} onMore={shared.onOlder} />;
    case "newer":
      return <More way="newer" failed={shared.newerFailed} onMore={shared.onNewer} />;
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
      const author = row.note.author_id === me ? t("you") : colleague(nameOf(row.note.author_id), t);
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
            onGoTo={onGoTo}
          />
          {message.status === "queued" && <Held message={message} conversation={conversation} />}
          {message.status === "unknown" && message.needs_decision && <Undecided message={message} />}
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

function authorOf(message: Message, me: string, name: ReturnType<NameOf>, t: InboxWords): string | null {
  if (message.sender_type === "contact") return null;
  if (message.sender_type === "ai") return t("assistant");
  if (!message.author_id) {
    return message.context?.is_other_app ? t("thread.fromOtherApp") : t("thread.fromApp");
  }
  return message.author_id === me ? t("you") : colleague(name, t);
}

/** Nobody is called a former colleague only because the names are still on their way. */
function colleague(name: ReturnType<NameOf>, t: InboxWords): string {
  return name === undefined ? t("somebody") : (name ?? t("formerColleague"));
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

interface MoreProps {
  way: "older" | "newer";
  failed: boolean;
  onMore: () => void;
}

/** Where more is being loaded, or could not be. */
function More({ way, failed, onMore }: MoreProps) {
  const { t } = useTranslation(["inbox", "common"]);
  if (failed) {
    return (
      <p className="in-start" role="alert">
        {way === "older" ? t("thread.olderFailed") : t("thread.newerFailed")}{" "}
        <Button look="link" onClick={onMore}>
          {t("common:retry")}
        </Button>
      </p>
    );
  }
  return (
    <div className="in-older">
      <span className="cd-hidden">{way === "older" ? t("thread.older") : t("thread.newer")}</span>
      <Skeleton width="40%" height={36} />
    </div>
  );
}
