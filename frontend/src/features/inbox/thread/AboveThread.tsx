import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import type { Note } from "@/api/gen/model";
import { ConfirmDialog, Dialog } from "@/shared/ui";
import { useActions } from "../data/actions";
import { openAbove, useAbove } from "./above";

const close = () => openAbove(null);

/** The picture or the question that one of the rows has opened. */
export function AboveThread() {
  const above = useAbove((state) => state.above);
  useEffect(() => close, []);
  if (above === null) return null;
  if (above.kind === "removal") return <NoteRemoval note={above.note} />;
  return <Lightbox url={above.url} title={above.title} />;
}

/** A picture as large as the screen allows. */
function Lightbox({ url, title }: { url: string; title: string }) {
  const { t } = useTranslation("inbox");
  return (
    <Dialog
      title={<bdi>{title}</bdi>}
      onClose={close}
      wide
      footer={
        <a href={url} target="_blank" rel="noopener noreferrer nofollow">
          {t("attachment.original")}
        </a>
      }
    >
      <img className="in-lightbox" src={url} alt={title} referrerPolicy="no-referrer" />
    </Dialog>
  );
}

function NoteRemoval({ note }: { note: Note }) {
  const { t } = useTranslation(["inbox", "common"]);
  const actions = useActions();
  return (
    <ConfirmDialog
      title={t("note.delete")}
      text={t("note.deleteConfirm")}
      confirm={t("common:delete")}
      danger
      onClose={close}
      onConfirm={() => {
        close();
        void actions.deleteNote(note);
      }}
    />
  );
}
