import { DeleteOutlined, LockOutlined } from "@ant-design/icons";
import { useTranslation } from "react-i18next";
import type { Note } from "@/api/gen/model";
import { clock, fullTime } from "@/shared/time";
import { Button } from "@/shared/ui";
import { openAbove } from "./above";
import { TextWithLinks } from "./Bubble";

/** What a colleague wrote for colleagues. */
export function NoteRow({ note, author, mayDelete }: { note: Note; author: string; mayDelete: boolean }) {
  const { t } = useTranslation("inbox");
  return (
    <article className="in-note" aria-label={t("note.label")}>
      <p className="in-note-head">
        <LockOutlined aria-hidden="true" title={t("note.private")} />
        <bdi>{t("note.by", { name: author })}</bdi>
        <time dateTime={note.created_at} title={fullTime(note.created_at)}>
          {clock(note.created_at)}
        </time>
        {mayDelete && (
          <Button
            look="plain"
            small
            label={t("note.delete")}
            icon={<DeleteOutlined aria-hidden="true" />}
            onClick={() => openAbove({ kind: "removal", note })}
          />
        )}
      </p>
      <p className="in-bubble-text" dir="auto">
        <TextWithLinks text={note.text} />
      </p>
    </article>
  );
}
