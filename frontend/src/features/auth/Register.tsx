import { useTranslation } from "react-i18next";
import { Link, useLocation } from "react-router";
import { register } from "@/api/auth";
import { ApiError } from "@/api/error";
import { isEmail, isLongEnough } from "@/shared/login";
import { Button } from "@/shared/ui/Button";
import { TextArea, TextField } from "@/shared/ui/Field";
import { AuthPage } from "./AuthPage";
import { Failure } from "./Failure";
import { PasswordField } from "./PasswordField";
import { type Errors, field, secret, useAuthForm } from "./useAuthForm";

export function Component() {
  const { t } = useTranslation("auth");
  const { search } = useLocation();
  const form = useAuthForm(
    (data) => {
      const errors: Errors = {};
      const email = field(data, "email");
      if (field(data, "business_name") === "") errors.business_name = t("missing.business_name");
      if (email === "") errors.email = t("missing.email");
      else if (!isEmail(email)) errors.email = t("invalidEmail");
      if (secret(data, "password") === "") errors.password = t("missing.password");
      else if (!isLongEnough(secret(data, "password"))) errors.password = t("shortPassword");
      return errors;
    },
    (data) => register(wishOf(data)),
  );
  const isTaken = form.failure instanceof ApiError && form.failure.status === 409;
  return (
    <AuthPage title={t("register.title")}>
      <form className="cd-stack" onSubmit={form.submit} noValidate>
        {!isTaken && <Failure failure={form.failure} wait={form.wait} />}
        <TextField
          label={t("field.businessName")}
          name="business_name"
          autoComplete="organization"
          maxLength={200}
          required
          error={form.errors.business_name}
        />
        <TextField
          label={t("field.email")}
          type="email"
          name="email"
          autoComplete="username"
          autoCapitalize="none"
          spellCheck={false}
          required
          error={isTaken ? t("emailTaken") : form.errors.email}
        />
        <PasswordField
          autoComplete="new-password"
          error={form.errors.password}
          hint={t("field.passwordHint")}
        />
        <TextField
          label={t("field.phone")}
          type="tel"
          name="phone"
          autoComplete="tel"
          maxLength={32}
          optional
          error={form.errors.phone}
        />
        <TextArea
          label={t("field.businessDescription")}
          name="business_description"
          rows={3}
          maxLength={4000}
          optional
          hint={t("field.businessDescriptionHint")}
          error={form.errors.business_description}
        />
        <Button type="submit" look="primary" block busy={form.busy} disabled={form.wait > 0}>
          {t("register.submit")}
        </Button>
      </form>
      <p className="auth-other">
        {t("register.hasAccount")} <Link to={`/login${search}`}>{t("register.login")}</Link>
      </p>
    </AuthPage>
  );
}

function wishOf(data: FormData) {
  const phone = field(data, "phone");
  const description = field(data, "business_description");
  return {
    email: field(data, "email"),
    password: secret(data, "password"),
    business_name: field(data, "business_name"),
    ...(phone === "" ? {} : { phone }),
    ...(description === "" ? {} : { business_description: description }),
  };
}
