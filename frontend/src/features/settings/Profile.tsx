import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import type { User } from "@/api/gen/model";
import { updateProfile } from "@/api/gen/profile/profile";
import { setUser, useSession } from "@/api/session";
import { useDraft } from "@/shared/form";
import { useRights } from "@/shared/rights";
import { clock, DEFAULT_ZONE, zoneLabel } from "@/shared/time";
import { SelectField, TextArea, TextField } from "@/shared/ui";
import { SaveBar } from "./SaveBar";
import { useSaving } from "./useSaving";
import { timeZones } from "./zones";

export function Profile() {
  const user = useSession((state) => state.user);
  return user && <ProfileForm user={user} />;
}

function ProfileForm({ user }: { user: User }) {
  const { t } = useTranslation(["settings", "common"]);
  const { manages } = useRights();
  const draft = useDraft(
    {
      name: user.name,
      business_name: user.business_name ?? "",
      business_description: user.business_description ?? "",
      phone: user.phone ?? "",
      time_zone: user.time_zone ?? DEFAULT_ZONE,
    },
    "profile",
  );
  const { value } = draft;
  const saving = useSaving({
    draft,
    problems: ({ name, business_name }) => ({
      ...(name.trim() === "" ? { name: t("settings:profile.nameMissing") } : {}),
      ...(business_name.trim() === "" ? { business_name: t("settings:profile.businessMissing") } : {}),
    }),
    save: updateProfile,
    onSaved: setUser,
  });
  const { errors, set } = saving;
  return (
    <form ref={saving.form} className="cd-stack" noValidate onSubmit={saving.submit}>
      <section className="cd-card cd-stack">
        <h2>{t("settings:profile.own")}</h2>
        <TextField
          label={t("settings:profile.name")}
          hint={t("settings:profile.nameHint")}
          value={value.name}
          error={errors.name}
          maxLength={80}
          autoComplete="name"
          required
          onChange={(event) => set("name", event.target.value)}
        />
        <dl className="settings-facts">
          <div>
            <dt>{t("settings:profile.email")}</dt>
            <dd>
              <bdi>{user.email}</bdi>
            </dd>
          </div>
          {user.member_role && (
            <div>
              <dt>{t("settings:profile.role")}</dt>
              <dd>{t(`common:roles.${user.member_role}`)}</dd>
            </div>
          )}
        </dl>
      </section>
      <fieldset className="cd-card cd-stack" disabled={!manages}>
        <h2>{t("settings:profile.business")}</h2>
        {!manages && <p className="cd-alert">{t("settings:manageOnly")}</p>}
        <TextField
          label={t("settings:profile.businessName")}
          value={value.business_name}
          error={errors.business_name}
          maxLength={200}
          autoComplete="organization"
          required
          onChange={(event) => set("business_name", event.target.value)}
        />
        <TextArea
          label={t("settings:profile.description")}
          hint={t("settings:profile.descriptionHint")}
          optional
          value={value.business_description}
          error={errors.business_description}
          maxLength={4000}
          onChange={(event) => set("business_description", event.target.value)}
        />
        <TextField
          type="tel"
          label={t("settings:profile.phone")}
          hint={t("settings:profile.phoneHint")}
          optional
          value={value.phone}
          error={errors.phone}
          maxLength={32}
          autoComplete="tel"
          onChange={(event) => set("phone", event.target.value)}
        />
        <Zone value={value.time_zone} error={errors.time_zone} onChange={(zone) => set("time_zone", zone)} />
      </fieldset>
      {saving.notes}
      <SaveBar dirty={draft.dirty} busy={saving.busy} onForget={saving.forget} />
    </form>
  );
}

function Zone({ value, error, onChange }: ZoneProps) {
  const { t } = useTranslation("settings");
  const options = useMemo(() => {
    const now = new Date();
    return timeZones(value).map((name) => ({ value: name, label: zoneLabel(name, now) }));
  }, [value]);
  return (
    <SelectField
      label={t("profile.zone")}
      hint={t("profile.zoneHint", { time: clock(Date.now(), value) })}
      value={value}
      error={error}
      options={options}
      onChange={(event) => onChange(event.target.value)}
    />
  );
}

interface ZoneProps {
  value: string;
  error: string | undefined;
  onChange: (zone: string) => void;
}
