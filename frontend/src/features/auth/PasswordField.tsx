import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "@/shared/ui/Button";
import { Field } from "@/shared/ui/Field";

interface Props {
  autoComplete: "current-password" | "new-password";
  error: string | undefined;
  hint?: string;
}

/** A password that can be looked at while typing. */
export function PasswordField({ autoComplete, error, hint }: Props) {
  const { t } = useTranslation("auth");
  const [visible, setVisible] = useState(false);
  return (
    <Field label={t("field.password")} error={error} hint={hint}>
      {(wiring) => (
        <div className="auth-password">
          <input
            {...wiring}
            className="cd-input"
            type={visible ? "text" : "password"}
            name="password"
            autoComplete={autoComplete}
            autoCapitalize="none"
            spellCheck={false}
            maxLength={256}
            required
          />
          <Button look="link" aria-pressed={visible} onClick={() => setVisible(!visible)}>
            {visible ? t("field.hidePassword") : t("field.showPassword")}
          </Button>
        </div>
      )}
    </Field>
  );
}
