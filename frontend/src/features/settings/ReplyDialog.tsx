import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useId, useRef } from "react";
import { flushSync } from "react-dom";
import { useTranslation } from "react-i18next";
import { ApiError } from "@/api/error";
import type { SavedReply } from "@/api/gen/model";
import { createSavedReply, updateSavedReply } from "@/api/gen/saved-replies/saved-replies";
import { savedRepliesQuery } from "@/api/queries";
import { useSession } from "@/api/session";
import { fillReply } from "@/shared/fillReply";
import { useDraft, useFieldErrors } from "@/shared/form";
import { errorText, fieldErrors } from "@/shared/i18n/errors";
import { Button, Dialog, ErrorNote, TextArea, TextField, toast } from "@/shared/ui";
import { useUnsaved } from "@/shared/unsaved";

const SHORTCUT = /^[\p{L}\p{M}\p{N}_-]{1,40}$/u;

export function ReplyDialog({ known, onClose }: { known: SavedReply | null; onClose: () => void }) {
  const { t } = useTranslation(["settings", "common"]);
  const client = useQueryClient();
  const formId = useId();
  const area = useRef<HTMLTextAreaElement>(null);
  const draft = useDraft(
    { shortcut: known?.shortcut ?? "", text: known?.text ?? "" },
    `reply.${known?.id ?? "new"}`,
  );
  const fields = useFieldErrors();
  const unsaved = useUnsaved(draft.dirty, onClose);
  const { shortcut, text } = draft.value;

  const save = useMutation({
    mutationFn: () => {
      const wish = { shortcut: shortcut.trim(), text: text.trim() };
      return known === null ? createSavedReply(wish) : updateSavedReply(known.id, wish);
    },
    onSuccess: (saved) => {
      void client.invalidateQueries({ queryKey: savedRepliesQuery.queryKey });
      const words = { shortcut: saved.shortcut };
      toast(known === null ? t("settings:replies.created", words) : t("settings:replies.changed", words));
      onClose();
    },
    onError: (error) => {
      const isTaken = error instanceof ApiError && error.code === "shortcut_in_use";
      fields.show(isTaken ? { shortcut: errorText(error) } : fieldErrors(error));
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const problems = {
      ...(SHORTCUT.test(shortcut.trim()) ? {} : { shortcut: t("settings:replies.shortcutWrong") }),
      ...(text.trim() === "" ? { text: t("settings:replies.textMissing") } : {}),
    };
    if (!fields.show(problems) && !save.isPending) save.mutate();
  };
  const insert = (what: string) => {
    const at = area.current?.selectionStart ?? text.length;
    // Drawn at once: only then can the caret go behind what was put in.
    flushSync(() => draft.set("text", `${text.slice(0, at)}${what}${text.slice(at)}`));
    fields.clear("text");
    area.current?.focus();
    area.current?.setSelectionRange(at + what.length, at + what.length);
  };
  return (
    <Dialog
      title={known === null ? t("settings:replies.newTitle") : t("settings:replies.editTitle")}
      onClose={unsaved.close}
      footer={
        <>
          <Button onClick={unsaved.close}>{t("common:cancel")}</Button>
          <Button type="submit" form={formId} look="primary" busy={save.isPending}>
            {t("common:save")}
          </Button>
        </>
      }
    >
      <form id={formId} ref={fields.form} className="cd-stack" noValidate onSubmit={submit}>
        <TextField
          label={t("settings:replies.shortcut")}
          hint={t("settings:replies.shortcutHint")}
          value={shortcut}
          error={fields.errors.shortcut}
          autoComplete="off"
          autoCapitalize="none"
          required
          onChange={(event) => {
            draft.set("shortcut", event.target.value.replace(/^\//, ""));
            fields.clear("shortcut");
          }}
        />
        <TextArea
          ref={area}
          label={t("settings:replies.text")}
          hint={t("settings:replies.textHint")}
          value={text}
          error={fields.errors.text}
          maxLength={2000}
          rows={4}
          required
          onChange={(event) => {
            draft.set("text", event.target.value);
            fields.clear("text");
          }}
        />
        <div className="cd-row">
          <Button small onClick={() => insert("{name}")}>
            {t("settings:replies.insertName")}
          </Button>
          <Button small onClick={() => insert("{shop}")}>
            {t("settings:replies.insertShop")}
          </Button>
        </div>
        {text.trim() !== "" && <Sample text={text} />}
        {save.isError && Object.keys(fields.errors).length === 0 && <ErrorNote error={save.error} />}
      </form>
      {unsaved.question}
    </Dialog>
  );
}

/** The text as a customer with a made-up name would read it. */
function Sample({ text }: { text: string }) {
  const { t } = useTranslation("settings");
  const shop = useSession((state) => state.user?.business_name) ?? "";
  return (
    <figure className="settings-sample">
      <figcaption>{t("replies.preview")}</figcaption>
      <bdi>{fillReply(text, { name: t("replies.sampleName"), shop })}</bdi>
    </figure>
  );
}
