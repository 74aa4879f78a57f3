import { useMutation } from "@tanstack/react-query";
import { type FormEvent, type ReactNode, useId } from "react";
import { useTranslation } from "react-i18next";
import type { Entry } from "@/api/gen/model";
import { useDraft, useFieldErrors } from "@/shared/form";
import { fieldErrors } from "@/shared/i18n/errors";
import { Button, Dialog, ErrorNote } from "@/shared/ui";
import { useUnsaved } from "@/shared/unsaved";
import { EntryFields } from "./EntryFields";
import { type EntryWish, entryProblems } from "./rules";

/** Writes or changes an entry. Words: the namespace "entry". */
export function EntryDialog(props: EntryDialogProps) {
  const { title, start, kinds, draftName, save: send, onSaved, onClose, children } = props;
  const { t } = useTranslation(["entry", "common"]);
  const formId = useId();
  const draft = useDraft<EntryWish>(start, draftName);
  const fields = useFieldErrors();
  const unsaved = useUnsaved(draft.dirty, onClose);
  const { value } = draft;

  const save = useMutation({
    mutationFn: () => send({ ...value, title: value.title.trim(), body: value.body.trim() }),
    onSuccess: (entry) => {
      unsaved.allow();
      onSaved(entry);
      onClose();
    },
    onError: (error) => fields.show(fieldErrors(error)),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const problems = Object.entries(entryProblems(value)).map(([field, problem]) => [
      field,
      t(`entry:problems.${problem}`),
    ]);
    if (!fields.show(Object.fromEntries(problems)) && !save.isPending) save.mutate();
  };
  return (
    <Dialog
      title={title}
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
        {children}
        <EntryFields
          kinds={kinds}
          value={value}
          errors={fields.errors}
          onChange={(key, next) => {
            draft.set(key, next);
            fields.clear(key);
          }}
        />
        {save.isError && Object.keys(fields.errors).length === 0 && <ErrorNote error={save.error} />}
      </form>
      {unsaved.question}
    </Dialog>
  );
}

export interface EntryDialogProps {
  title: string;
  /** What is in the fields at first. */
  start: EntryWish;
  /** The kinds to choose from. */
  kinds: readonly EntryWish["kind"][];
  /** Names what is typed and not saved. */
  draftName: string;
  save: (wish: EntryWish) => Promise<Entry>;
  onSaved: (entry: Entry) => void;
  onClose: () => void;
  /** Above the fields. */
  children?: ReactNode;
}
