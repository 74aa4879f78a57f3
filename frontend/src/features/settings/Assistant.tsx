import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { updateAssistantSettings } from "@/api/gen/assistant/assistant";
import type { AssistantSettings } from "@/api/gen/model";
import { assistantSettingsQuery } from "@/api/queries";
import { useDraft } from "@/shared/form";
import { useRights } from "@/shared/rights";
import { ButtonLink, ErrorState, Loading, Skeleton, TextArea, TextField } from "@/shared/ui";
import { Languages } from "./Languages";
import { SaveBar } from "./SaveBar";
import { useSaving } from "./useSaving";

export function Assistant() {
  const { data, error, refetch } = useQuery(assistantSettingsQuery);
  if (data !== undefined) return <AssistantForm saved={data} />;
  if (error !== null) return <ErrorState error={error} onRetry={() => void refetch()} />;
  return (
    <Loading>
      <div className="cd-stack">
        <Skeleton height={60} />
        <Skeleton height={180} />
        <Skeleton height={60} />
      </div>
    </Loading>
  );
}

function AssistantForm({ saved }: { saved: AssistantSettings }) {
  const { t } = useTranslation("settings");
  const { manages, works } = useRights();
  const client = useQueryClient();
  const draft = useDraft(saved, "assistant");
  const { value } = draft;
  const saving = useSaving({
    draft,
    problems: ({ languages }): Record<string, string> =>
      languages.length === 0 ? { languages: t("assistant.languageMissing") } : {},
    save: updateAssistantSettings,
    onSaved: (settings) => client.setQueryData(assistantSettingsQuery.queryKey, settings),
  });
  const { errors, set } = saving;
  return (
    <form ref={saving.form} className="cd-stack" noValidate onSubmit={saving.submit}>
      <div className="cd-part-head">
        <p>{t("assistant.intro")}</p>
        {works && <ButtonLink to="/preview">{t("assistant.try")}</ButtonLink>}
      </div>
      {saved.tokens_low && (
        <p className="cd-alert cd-tint-warning" role="status">
          {t("assistant.tokensLow", { percent: saved.tokens_taken_percent })}
        </p>
      )}
      {!manages && <p className="cd-alert">{t("manageOnly")}</p>}
      <fieldset className="cd-card cd-stack" disabled={!manages}>
        <TextField
          label={t("assistant.tone")}
          hint={t("assistant.toneHint")}
          optional
          value={value.tone}
          error={errors.tone}
          maxLength={500}
          onChange={(event) => set("tone", event.target.value)}
        />
        <TextArea
          label={t("assistant.policies")}
          hint={t("assistant.policiesHint")}
          placeholder={t("assistant.policiesPlaceholder")}
          optional
          rows={6}
          value={value.policies}
          error={errors.policies}
          maxLength={8000}
          onChange={(event) => set("policies", event.target.value)}
        />
        <TextField
          label={t("assistant.hours")}
          placeholder={t("assistant.hoursPlaceholder")}
          optional
          value={value.opening_hours}
          error={errors.opening_hours}
          maxLength={500}
          onChange={(event) => set("opening_hours", event.target.value)}
        />
        <Languages
          chosen={value.languages}
          error={errors.languages}
          onChange={(languages) => set("languages", languages)}
        />
        <label className="cd-check">
          <input
            type="checkbox"
            checked={value.ai_enabled_by_default}
            onChange={(event) => set("ai_enabled_by_default", event.target.checked)}
          />
          <span>
            {t("assistant.byDefault")}
            <small>{t("assistant.byDefaultHint")}</small>
          </span>
        </label>
        <label className="cd-check">
          <input
            type="checkbox"
            checked={value.send_cards}
            onChange={(event) => set("send_cards", event.target.checked)}
          />
          <span>
            {t("assistant.sendCards")}
            <small>{t("assistant.sendCardsHint")}</small>
          </span>
        </label>
      </fieldset>
      {saving.notes}
      {manages && <SaveBar dirty={draft.dirty} busy={saving.busy} onForget={saving.forget} />}
    </form>
  );
}
