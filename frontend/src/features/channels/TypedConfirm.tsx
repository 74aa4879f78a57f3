import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { isComposing } from "@/shared/keys";
import { unaccent } from "@/shared/text";
import { Button, Dialog, ErrorNote, TextField } from "@/shared/ui";

/** Asks twice before a channel falls silent: the button works once a word is typed. */
export function TypedConfirm({ title, word, submit, busy, error, onConfirm, onClose, children }: Props) {
  const { t } = useTranslation(["channels", "common"]);
  const [typed, setTyped] = useState("");
  const isSure = unaccent(typed.trim()) === unaccent(word);
  return (
    <Dialog
      title={title}
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>{t("common:cancel")}</Button>
          <Button look="danger" disabled={!isSure} busy={busy} onClick={onConfirm}>
            {submit}
          </Button>
        </>
      }
    >
      <div className="cd-stack">
        {children}
        <TextField
          label={t("channels:leave.type", { word })}
          value={typed}
          autoComplete="off"
          autoCapitalize="none"
          onChange={(event) => setTyped(event.target.value)}
          onKeyDown={(event) => {
            if (event.key !== "Enter" || isComposing(event.nativeEvent)) return;
            if (isSure && !busy) onConfirm();
          }}
        />
        <ErrorNote error={error} />
      </div>
    </Dialog>
  );
}

interface Props {
  title: string;
  /** What has to be typed. */
  word: string;
  submit: string;
  busy: boolean;
  error: unknown;
  onConfirm: () => void;
  onClose: () => void;
  children: ReactNode;
}
