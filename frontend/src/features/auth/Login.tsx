import { useTranslation } from "react-i18next";
import { Link, useLocation } from "react-router";
import { login } from "@/api/auth";
import { useSession } from "@/api/session";
import { Button } from "@/shared/ui/Button";
import { TextField } from "@/shared/ui/Field";
import { AuthPage } from "./AuthPage";
import { Failure } from "./Failure";
import { PasswordField } from "./PasswordField";
import { type Errors, field, secret, useAuthForm } from "./useAuthForm";

export function Component() {
  const { t } = useTranslation("auth");
  const { search } = useLocation();
  const reason = useSession((state) => state.reason);
  const form = useAuthForm(
    (data) => {
      const errors: Errors = {};
      if (field(data, "email") === "") errors.email = t("missing.email");
      if (secret(data, "password") === "") errors.password = t("missing.password");
      return errors;
    },
    (data) => login({ email: field(data, "email"), password: secret(data, "password") }),
  );
  return (
    <AuthPage title={t("login.title")}>
      {reason !== null && form.failure === null && (
        <div className="cd-alert" role="status">
          {reason === "ended" ? t("login.expired") : t("login.left")}
        </div>
      )}
      <form className="cd-stack" onSubmit={form.submit} noValidate>
        <Failure failure={form.failure} wait={form.wait} unauthenticated={t("login.wrong")} />
        <TextField
          label={t("field.email")}
          type="email"
          name="email"
          autoComplete="username"
          autoCapitalize="none"
          spellCheck={false}
          required
          error={form.errors.email}
        />
        <PasswordField autoComplete="current-password" error={form.errors.password} />
        <Button type="submit" look="primary" block busy={form.busy} disabled={form.wait > 0}>
          {t("login.submit")}
        </Button>
      </form>
      <p className="auth-other">
        {t("login.noAccount")} <Link to={`/register${search}`}>{t("login.register")}</Link>
      </p>
    </AuthPage>
  );
}
