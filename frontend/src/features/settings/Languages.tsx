import { useId } from "react";
import { useTranslation } from "react-i18next";
import { locale } from "@/shared/money";
import { SelectField } from "@/shared/ui";
import { LANGUAGES, languageName, languagesWith, mainFirst } from "./languages";

/** Which languages the assistant may answer in, and which it falls back to. */
export function Languages({ chosen, error, onChange }: LanguagesProps) {
  const { t } = useTranslation("settings");
  const errorId = useId();
  const offered = [...new Set([...LANGUAGES, ...chosen])];
  const name = (tag: string) => languageName(tag, locale());
  return (
    <>
      <fieldset className="settings-group" aria-describedby={error ? errorId : undefined}>
        <legend>{t("assistant.languages")}</legend>
        <div className="cd-row">
          {offered.map((tag) => (
            <label key={tag} className="cd-check">
              <input
                type="checkbox"
                checked={chosen.includes(tag)}
                aria-invalid={error ? true : undefined}
                onChange={(event) => onChange(languagesWith(chosen, tag, event.target.checked))}
              />
              <span>{name(tag)}</span>
            </label>
          ))}
        </div>
        {error && (
          <span className="cd-field-error" id={errorId}>
            {error}
          </span>
        )}
      </fieldset>
      {chosen.length > 1 && (
        <SelectField
          label={t("assistant.main")}
          hint={t("assistant.mainHint")}
          value={chosen[0]}
          options={chosen.map((tag) => ({ value: tag, label: name(tag) }))}
          onChange={(event) => onChange(mainFirst(chosen, event.target.value))}
        />
      )}
    </>
  );
}

interface LanguagesProps {
  /** BCP 47 tags, the main one first. */
  chosen: readonly string[];
  error: string | undefined;
  onChange: (languages: string[]) => void;
}
