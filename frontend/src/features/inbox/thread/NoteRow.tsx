import { DeleteOutlined, LockOutlined } from "@ant-design/icons";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Note } from "@/api/gen/model";
import { clock, fullTime } from "@/shared/time";
import { Button, ConfirmDialog } from "@/shared/ui";
import { useActions } from "../data/actions";
import { TextWithLinks } from "./Bubble";

/** What a colleague wrote for colleagues. */
export function NoteRow({ note, author, mayDelete }: { note: Note; author: string; mayDelete: boolean }) {
  const { t } = useTranslation(["inbox", "common"]);
  const actions = useActions();
  const [isAsking, setAsking] = useState(false);
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
            onClick={() => setAsking(true)}
          />
        )}
      </p>
      <p className="in-bubble-text" dir="auto">
        <TextWithLinks text={note.text} />
      </p>
      {isAsking && (
        <ConfirmDialog
          title={t("note.delete")}
          text={t("note.deleteConfirm")}
          confirm={t("common:delete")}
          danger
          onClose={() => setAsking(false)}
          onConfirm={() => {
            setAsking(false);
            void actions.deleteNote(note);
          }}
        />
      )}
    </article>
  );
}
