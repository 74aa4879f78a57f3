import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { ApiError } from "@/api/error";
import { requestPasswordReset, resetPassword } from "@/api/gen/auth/auth";
import { currentLanguage } from "@/shared/i18n";
import { isEmail, isLongEnough } from "@/shared/login";
import { forgetMailToken, mailToken } from "@/shared/mailToken";
import { Button } from "@/shared/ui/Button";
import { TextField } from "@/shared/ui/Field";
import { AuthPage } from "./AuthPage";
import { Failure } from "./Failure";
import { PasswordField } from "./PasswordField";
import { field, secret, useAuthForm } from "./useAuthForm";

/** A forgotten password: a mail is asked for; its link leads back here with a token. */
export function Component() {
  const [token, setToken] = useState(mailToken);
  const [isOver, setOver] = useState(false);
  if (token === null) return <Ask isOver={isOver} />;
  return (
    <Choose
      token={token}
      onInvalid={() => {
        forgetMailToken();
        setToken(null);
        setOver(true);
      }}
    />
  );
}

function Ask({ isOver }: { isOver: boolean }) {
  const { t } = useTranslation(["access", "auth"]);
  const [isSent, setSent] = useState(false);
  const form = useAuthForm(
    (data) => (isEmail(field(data, "email")) ? {} : { email: t("auth:invalidEmail") }),
    async (data) => {
      await requestPasswordReset({ email: field(data, "email"), language: currentLanguage() });
      setSent(true);
    },
  );
  return (
    <AuthPage title={t("access:reset.title")}>
      {isOver && !isSent && (
        <div className="cd-alert cd-tint-warning" role="alert">
          {t("access:reset.invalid")}
        </div>
      )}
      {isSent ? (
        <div className="cd-alert" role="status">
          {t("access:reset.sent")}
        </div>
      ) : (
        <form className="cd-stack" onSubmit={form.submit} noValidate>
          <p>{t("access:reset.text")}</p>
          <Failure failure={form.failure} wait={form.wait} />
          <TextField
            label={t("auth:field.email")}
            type="email"
            name="email"
            autoComplete="username"
            autoCapitalize="none"
            spellCheck={false}
            required
            error={form.errors.email}
          />
          <Button type="submit" look="primary" block busy={form.busy} disabled={form.wait > 0}>
            {t("access:reset.ask")}
          </Button>
        </form>
      )}
      <ToLogin />
    </AuthPage>
  );
}

function Choose({ token, onInvalid }: { token: string; onInvalid: () => void }) {
  const { t } = useTranslation(["access", "auth"]);
  const [isDone, setDone] = useState(false);
  const form = useAuthForm(
    (data) => (isLongEnough(secret(data, "password")) ? {} : { password: t("auth:shortPassword") }),
    async (data) => {
      try {
        await resetPassword({ token, password: secret(data, "password") });
        forgetMailToken();
        setDone(true);
      } catch (error) {
        if (!(error instanceof ApiError) || error.code !== "link_invalid") throw error;
        onInvalid();
      }
    },
  );
  return (
    <AuthPage title={t("access:reset.newTitle")}>
      {isDone ? (
        <div className="cd-alert" role="status">
          {t("access:reset.done")}
        </div>
      ) : (
        <form className="cd-stack" onSubmit={form.submit} noValidate>
          <Failure failure={form.failure} wait={form.wait} />
          <PasswordField
            autoComplete="new-password"
            error={form.errors.password}
            hint={t("access:reset.passwordHint")}
          />
          <Button type="submit" look="primary" block busy={form.busy} disabled={form.wait > 0}>
            {t("access:reset.submit")}
          </Button>
        </form>
      )}
      <ToLogin />
    </AuthPage>
  );
}

function ToLogin() {
  const { t } = useTranslation("access");
  return (
    <p className="auth-other">
      <Link to="/login">{t("reset.login")}</Link>
    </p>
  );
}
