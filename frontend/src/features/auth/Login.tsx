import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, useLocation } from "react-router";
import { login } from "@/api/auth";
import { ApiError } from "@/api/error";
import { useSession } from "@/api/session";
import { loadWords } from "@/shared/i18n";
import { takeFocus } from "@/shared/takeFocus";
import { Button } from "@/shared/ui/Button";
import { TextField } from "@/shared/ui/Field";
import { AuthPage } from "./AuthPage";
import { Failure } from "./Failure";
import { PasswordField } from "./PasswordField";
import type { SetupProps } from "./TotpSetup";
import { type Errors, field, secret, useAuthForm } from "./useAuthForm";

/** What only new platform admins see: loaded when it is needed. */
async function loadSetup() {
  const [module] = await Promise.all([import("./TotpSetup"), loadWords("access")]);
  return module.TotpSetup;
}

interface Setup {
  Form: (props: SetupProps) => React.ReactNode;
  email: string;
  password: string;
}

export function Component() {
  const [setup, setSetup] = useState<Setup | null>(null);
  const [isReady, setReady] = useState(false);
  if (setup === null) return <LoginForm isReady={isReady} onSetup={setSetup} />;
  const { Form, email, password } = setup;
  return (
    <Form
      email={email}
      password={password}
      onDone={() => {
        setSetup(null);
        setReady(true);
      }}
    />
  );
}

function LoginForm({ isReady, onSetup }: { isReady: boolean; onSetup: (setup: Setup) => void }) {
  const { t } = useTranslation("auth");
  const { search } = useLocation();
  const reason = useSession((state) => state.reason);
  const [wantsCode, setWantsCode] = useState(false);
  const form = useAuthForm(
    (data) => {
      const errors: Errors = {};
      if (field(data, "email") === "") errors.email = t("missing.email");
      if (secret(data, "password") === "") errors.password = t("missing.password");
      if (wantsCode && field(data, "code") === "") errors.code = t("missing.code");
      return errors;
    },
    async (data) => {
      const [email, password] = [field(data, "email"), secret(data, "password")];
      try {
        await login({ email, password, ...(wantsCode ? { code: field(data, "code") } : {}) });
      } catch (error) {
        const code = error instanceof ApiError ? error.code : null;
        if (code === "totp_required") setWantsCode(true);
        else if (code === "totp_setup_required") onSetup({ Form: await loadSetup(), email, password });
        else throw error;
      }
    },
  );
  return (
    <AuthPage title={t("login.title")}>
      {isReady && form.failure === null && (
        <div className="cd-alert" role="status">
          {t("login.nextCode")}
        </div>
      )}
      {!isReady && reason !== null && form.failure === null && (
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
        {wantsCode && (
          <TextField
            ref={takeFocus}
            label={t("field.code")}
            hint={t("field.codeHint")}
            name="code"
            autoComplete="one-time-code"
            autoCapitalize="none"
            spellCheck={false}
            maxLength={40}
            required
            error={form.errors.code}
          />
        )}
        <Button type="submit" look="primary" block busy={form.busy} disabled={form.wait > 0}>
          {t("login.submit")}
        </Button>
      </form>
      <p className="auth-other">
        <Link to="/password-reset">{t("login.forgotten")}</Link>
      </p>
      <p className="auth-other">
        {t("login.noAccount")} <Link to={`/register${search}`}>{t("login.register")}</Link>
      </p>
    </AuthPage>
  );
}
