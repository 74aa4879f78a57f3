import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { confirmTotpSetup, startTotpSetup } from "@/api/gen/auth/auth";
import type { TotpSecret as Secret } from "@/api/gen/model";
import { RecoveryCodes } from "@/shared/RecoveryCodes";
import { TotpSecret } from "@/shared/TotpSecret";
import { Button } from "@/shared/ui/Button";
import { TextField } from "@/shared/ui/Field";
import { ErrorState, Loading, Skeleton } from "@/shared/ui/states";
import { AuthPage } from "./AuthPage";
import { Failure } from "./Failure";
import { field, useAuthForm } from "./useAuthForm";

export interface SetupProps {
  email: string;
  password: string;
  onDone: () => void;
}

/** A platform admin's first login: one-time codes come before the session. */
export function TotpSetup({ email, password, onDone }: SetupProps) {
  const { t } = useTranslation(["access", "auth"]);
  const [secret, setSecret] = useState<Secret | null>(null);
  const [failure, setFailure] = useState<unknown>(null);
  const [codes, setCodes] = useState<readonly string[] | null>(null);
  const [tries, setTries] = useState(0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another try asks again
  useEffect(() => {
    let isOver = false;
    setFailure(null);
    startTotpSetup({ email, password }).then(
      (told) => !isOver && setSecret(told),
      (error: unknown) => !isOver && setFailure(error),
    );
    return () => {
      isOver = true;
    };
  }, [email, password, tries]);
  const form = useAuthForm(
    (data) => (field(data, "code") === "" ? { code: t("auth:missing.code") } : {}),
    async (data) => {
      const told = await confirmTotpSetup({ email, password, code: field(data, "code") });
      setCodes(told.recovery_codes);
    },
  );
  if (codes !== null) {
    return (
      <AuthPage title={t("access:recovery.title")}>
        <RecoveryCodes codes={codes} onKept={onDone} />
      </AuthPage>
    );
  }
  return (
    <AuthPage title={t("access:totp.title")}>
      <p>{t("access:totp.required")}</p>
      {failure !== null && <ErrorState error={failure} onRetry={() => setTries(tries + 1)} />}
      {failure === null && secret === null && (
        <Loading>
          <Skeleton height={200} />
        </Loading>
      )}
      {secret !== null && (
        <form className="cd-stack" onSubmit={form.submit} noValidate>
          <TotpSecret secret={secret} />
          <Failure failure={form.failure} wait={form.wait} />
          <TextField
            label={t("auth:field.code")}
            name="code"
            inputMode="numeric"
            autoComplete="one-time-code"
            maxLength={10}
            required
            error={form.errors.code}
          />
          <Button type="submit" look="primary" block busy={form.busy} disabled={form.wait > 0}>
            {t("access:totp.confirm")}
          </Button>
        </form>
      )}
    </AuthPage>
  );
}
