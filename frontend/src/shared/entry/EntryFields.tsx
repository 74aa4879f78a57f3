import { useTranslation } from "react-i18next";
import { Tabs, TextArea, TextField } from "@/shared/ui";
import { type EntryWish, LONGEST_TITLE, longestBody } from "./rules";

/** The fields of an entry; what they are called goes by its kind. */
export function EntryFields({ kinds, value, errors, onChange }: EntryFieldsProps) {
  const { t } = useTranslation("entry");
  const { kind, title, body } = value;
  return (
    <>
      <Tabs
        legend={t("kindLabel")}
        tabs={kinds.map((one) => ({ value: one, label: t(`kind.${one}`) }))}
        value={kind}
        onChange={(next) => onChange("kind", next)}
      />
      <p className="cd-field-hint">{t(`about.${kind}`)}</p>
      <TextField
        label={t(`title.${kind}`)}
        hint={kind === "synonym" ? t("titleHint") : undefined}
        placeholder={t(`titleExample.${kind}`)}
        value={title}
        error={errors.title}
        maxLength={LONGEST_TITLE}
        autoComplete="off"
        required
        {...(title === "" ? { "data-first-focus": true } : {})}
        onChange={(event) => onChange("title", event.target.value)}
      />
      <TextArea
        label={t(`body.${kind}`)}
        placeholder={t(`bodyExample.${kind}`)}
        value={body}
        error={errors.body}
        maxLength={longestBody(kind)}
        rows={kind === "synonym" ? 2 : 5}
        required
        {...(title === "" ? {} : { "data-first-focus": true })}
        onChange={(event) => onChange("body", event.target.value)}
      />
    </>
  );
}

interface EntryFieldsProps {
  kinds: readonly EntryWish["kind"][];
  value: EntryWish;
  errors: Readonly<Record<string, string>>;
  onChange: <K extends keyof EntryWish>(key: K, value: EntryWish[K]) => void;
}
