import { useMutation } from "@tanstack/react-query";
import type { FormEvent } from "react";
import { useTranslation } from "react-i18next";
import { type Draft, useFieldErrors } from "@/shared/form";
import { fieldErrors } from "@/shared/i18n/errors";
import { ErrorNote, toast } from "@/shared/ui";
import { useUnsaved } from "@/shared/unsaved";

interface Needs<T, R> {
  draft: Draft<T>;
  /** What is wrong before the server is asked, in words by field. */
  problems: (value: T) => Record<string, string>;
  save: (changes: Partial<T>) => Promise<R>;
  onSaved: (saved: R) => void;
}

/** What the forms of the settings share: only changes are sent, refusals stand beside their fields, leaving asks. */
export function useSaving<T extends object, R>({ draft, problems, save, onSaved }: Needs<T, R>) {
  const { t } = useTranslation();
  const fields = useFieldErrors();
  const unsaved = useUnsaved(draft.dirty);
  const saving = useMutation({
    mutationFn: (changes: Partial<T>) => save(changes),
    onSuccess: (saved, sent) => {
      onSaved(saved);
      // What was typed while it was saved is not saved.
      draft.forget(sent);
      toast(t("saved"));
    },
    onError: (error) => fields.show(fieldErrors(error)),
  });
  const hasFieldErrors = Object.keys(fields.errors).length > 0;
  return {
    form: fields.form,
    errors: fields.errors,
    busy: saving.isPending,
    set: <K extends keyof T & string>(key: K, value: T[K]) => {
      draft.set(key, value);
      fields.clear(key);
    },
    submit: (event: FormEvent) => {
      event.preventDefault();
      if (!draft.dirty || saving.isPending) return;
      if (!fields.show(problems(draft.value))) saving.mutate(draft.changes);
    },
    forget: () => {
      draft.forget();
      fields.show({});
      saving.reset();
    },
    /** Goes to the end of the form. */
    notes: (
      <>
        {saving.isError && !hasFieldErrors && <ErrorNote error={saving.error} />}
        {unsaved.question}
      </>
    ),
  };
}
