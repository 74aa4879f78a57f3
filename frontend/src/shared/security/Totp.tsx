import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { confirmTotp, disableTotp, startTotp } from "@/api/gen/auth/auth";
import type { TotpSecret as Secret } from "@/api/gen/model";
import { ended } from "@/api/renew";
import { setUser, useSession } from "@/api/session";
import { useFieldErrors } from "@/shared/form";
import { fieldErrors } from "@/shared/i18n/errors";
import { RecoveryCodes } from "@/shared/RecoveryCodes";
import { TotpSecret } from "@/shared/TotpSecret";
import { Badge, Button, ErrorNote, TextField, toast } from "@/shared/ui";
import { sessionsQuery } from "./queries";

type Step = { kind: "idle" } | { kind: "scan"; secret: Secret } | { kind: "keep"; codes: readonly string[] };

/** One-time codes for one's own logins. */
export function Totp() {
  const { t } = useTranslation("security");
  const hasTotp = useSession((state) => state.user?.has_totp ?? false);
  const [step, setStep] = useState<Step>({ kind: "idle" });
  return (
    <section className="cd-card cd-stack" aria-labelledby="totp-title">
      <div className="cd-part-head">
        <h2 id="totp-title">{t("totp.title")}</h2>
        <Badge tone={hasTotp ? "success" : "neutral"}>{t(hasTotp ? "totp.on" : "totp.off")}</Badge>
      </div>
      <p>{t("totp.text")}</p>
      {step.kind === "idle" &&
        (hasTotp ? <Disable /> : <Start onStarted={(secret) => setStep({ kind: "scan", secret })} />)}
      {step.kind === "scan" && (
        <Confirm
          secret={step.secret}
          onConfirmed={(codes) => setStep({ kind: "keep", codes })}
          onCancel={() => setStep({ kind: "idle" })}
        />
      )}
      {step.kind === "keep" && <RecoveryCodes codes={step.codes} onKept={() => setStep({ kind: "idle" })} />}
    </section>
  );
}

function setTotp(has_totp: boolean): void {
  const { user } = useSession.getState();
  if (user !== null) setUser({ ...user, has_totp });
}

function Start({ onStarted }: { onStarted: (secret: Secret) => void }) {
  const { t } = useTranslation("security");
  const [password, setPassword] = useState("");
  const fields = useFieldErrors();
  const start = useMutation({
    mutationFn: () => startTotp({ password }),
    onSuccess: onStarted,
    onError: (error) => fields.show(fieldErrors(error)),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const problems: Record<string, string> =
      password === "" ? { password: t("password.currentMissing") } : {};
    if (!fields.show(problems) && !start.isPending) start.mutate();
  };
  return (
    <form ref={fields.form} className="cd-stack" noValidate onSubmit={submit}>
      <TextField
        type="password"
        label={t("password.current")}
        value={password}
        error={fields.errors.password}
        autoComplete="current-password"
        maxLength={256}
        required
        onChange={(event) => {
          setPassword(event.target.value);
          fields.clear("password");
        }}
      />
      {start.isError && Object.keys(fields.errors).length === 0 && <ErrorNote error={start.error} />}
      <div>
        <Button type="submit" look="primary" busy={start.isPending}>
          {t("totp.start")}
        </Button>
      </div>
    </form>
  );
}

interface ConfirmProps {
  secret: Secret;
  onConfirmed: (codes: readonly string[]) => void;
  onCancel: () => void;
}

function Confirm({ secret, onConfirmed, onCancel }: ConfirmProps) {
  const { t } = useTranslation(["security", "common"]);
  const client = useQueryClient();
  const [code, setCode] = useState("");
  const fields = useFieldErrors();
  const confirm = useMutation({
    mutationFn: () => confirmTotp({ code: code.trim() }),
    onSuccess: ({ recovery_codes }) => {
      onConfirmed(recovery_codes);
      setTotp(true);
      void client.invalidateQueries({ queryKey: sessionsQuery.queryKey });
    },
    onError: (error) => fields.show(fieldErrors(error)),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const problems: Record<string, string> =
      code.trim() === "" ? { code: t("security:totp.codeMissing") } : {};
    if (!fields.show(problems) && !confirm.isPending) confirm.mutate();
  };
  return (
    <form ref={fields.form} className="cd-stack" noValidate onSubmit={submit}>
      <TotpSecret secret={secret} />
      <p>{t("security:totp.others")}</p>
      <Code value={code} error={fields.errors.code} onChange={setCode} onClear={() => fields.clear("code")} />
      {confirm.isError && Object.keys(fields.errors).length === 0 && <ErrorNote error={confirm.error} />}
      <div className="cd-row">
        <Button onClick={onCancel}>{t("common:cancel")}</Button>
        <Button type="submit" look="primary" busy={confirm.isPending}>
          {t("security:totp.confirm")}
        </Button>
      </div>
    </form>
  );
}

function Disable() {
  const { t } = useTranslation("security");
  const isAdmin = useSession((state) => state.user?.role === "admin");
  const [password, setPassword] = useState("");
  const [code, setCode] = useState("");
  const fields = useFieldErrors();
  const disable = useMutation({
    mutationFn: () => disableTotp({ password, code: code.trim() }),
    onSuccess: () => {
      // The server has ended an admin's sessions with it.
      if (isAdmin) return ended("left");
      setTotp(false);
      toast(t("totp.disabled"));
    },
    onError: (error) => fields.show(fieldErrors(error)),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const problems = {
      ...(password === "" ? { password: t("password.currentMissing") } : {}),
      ...(code.trim() === "" ? { code: t("totp.codeMissing") } : {}),
    };
    if (!fields.show(problems) && !disable.isPending) disable.mutate();
  };
  return (
    <details>
      <summary>{t("totp.disable")}</summary>
      <form ref={fields.form} className="cd-stack" noValidate onSubmit={submit}>
        {isAdmin && <p className="cd-alert cd-tint-warning">{t("totp.adminOff")}</p>}
        <TextField
          type="password"
          label={t("totp.password")}
          value={password}
          error={fields.errors.password}
          autoComplete="current-password"
          maxLength={256}
          required
          onChange={(event) => {
            setPassword(event.target.value);
            fields.clear("password");
          }}
        />
        <Code
          value={code}
          error={fields.errors.code}
          onChange={setCode}
          onClear={() => fields.clear("code")}
        />
        {disable.isError && Object.keys(fields.errors).length === 0 && <ErrorNote error={disable.error} />}
        <div>
          <Button type="submit" look="danger" busy={disable.isPending}>
            {t("totp.disable")}
          </Button>
        </div>
      </form>
    </details>
  );
}

interface CodeProps {
  value: string;
  error: string | undefined;
  onChange: (value: string) => void;
  onClear: () => void;
}

function Code({ value, error, onChange, onClear }: CodeProps) {
  const { t } = useTranslation("security");
  return (
    <TextField
      label={t("totp.code")}
      value={value}
      error={error}
      autoComplete="one-time-code"
      autoCapitalize="none"
      spellCheck={false}
      maxLength={40}
      required
      onChange={(event) => {
        onChange(event.target.value);
        onClear();
      }}
    />
  );
}
