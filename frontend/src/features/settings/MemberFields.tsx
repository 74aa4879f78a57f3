import { useTranslation } from "react-i18next";
import { takeFocus } from "@/shared/takeFocus";
import { TextField } from "@/shared/ui";

export interface NewMember {
  email: string;
  name: string;
  password: string;
  member_role: string;
}

interface Props {
  value: NewMember;
  errors: Readonly<Record<string, string>>;
  onChange: (key: keyof NewMember, value: string) => void;
}

export function EmailField({ value, errors, onChange }: Props) {
  const { t } = useTranslation("settings");
  return (
    <TextField
      type="email"
      label={t("team.email")}
      value={value.email}
      error={errors.email}
      autoComplete="off"
      required
      onChange={(event) => onChange("email", event.target.value)}
    />
  );
}

/** What whoever comes by mail chooses themselves. */
export function OwnFields({ value, errors, onChange }: Props) {
  const { t } = useTranslation("settings");
  return (
    <>
      <TextField
        ref={takeFocus}
        label={t("team.name")}
        hint={t("team.nameHint")}
        optional
        value={value.name}
        error={errors.name}
        maxLength={80}
        autoComplete="off"
        onChange={(event) => onChange("name", event.target.value)}
      />
      <TextField
        // Readable, because it is for somebody else and has to be handed over.
        type="text"
        label={t("team.password")}
        hint={t("team.passwordHint")}
        value={value.password}
        error={errors.password}
        maxLength={256}
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
        required
        onChange={(event) => onChange("password", event.target.value)}
      />
    </>
  );
}
