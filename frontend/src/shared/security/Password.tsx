import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { changePassword } from "@/api/gen/auth/auth";
import { useSession } from "@/api/session";
import { useFieldErrors } from "@/shared/form";
import { fieldErrors } from "@/shared/i18n/errors";
import { isLongEnough, useShortestPassword } from "@/shared/login";
import { Button, ErrorNote, TextField, toast } from "@/shared/ui";
import { useUnsaved } from "@/shared/unsaved";
import { sessionsQuery } from "./queries";

export function Password() {
  const { t } = useTranslation("security");
  const client = useQueryClient();
  const email = useSession((state) => state.user?.email) ?? "";
  const [current, setCurrent] = useState("");
  const [next, setNext] = useState("");
  const [visible, setVisible] = useState(false);
  const least = useShortestPassword();
  const fields = useFieldErrors();
  const unsaved = useUnsaved(current !== "" || next !== "");

  const change = useMutation({
    mutationFn: () => changePassword({ current_password: current, new_password: next }),
    onSuccess: () => {
      setCurrent("");
      setNext("");
      void client.invalidateQueries({ queryKey: sessionsQuery.queryKey });
      toast(t("password.done"));
    },
    onError: (error) => fields.show(fieldErrors(error)),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const problems = {
      ...(current === "" ? { current_password: t("password.currentMissing") } : {}),
      ...(isLongEnough(next, least) ? {} : { new_password: t("password.short", { least }) }),
    };
    if (!fields.show(problems) && !change.isPending) change.mutate();
  };
  const shared = { type: visible ? "text" : "password", maxLength: 256, required: true, spellCheck: false };
  return (
    <form
      ref={fields.form}
      className="cd-card cd-stack"
      aria-labelledby="password-title"
      noValidate
      onSubmit={submit}
    >
      <h2 id="password-title">{t("password.title")}</h2>
      {/* Tells password managers whose password changes. */}
      <input type="email" value={email} autoComplete="username" readOnly hidden />
      <TextField
        {...shared}
        label={t("password.current")}
        value={current}
        error={fields.errors.current_password}
        autoComplete="current-password"
        onChange={(event) => {
          setCurrent(event.target.value);
          fields.clear("current_password");
        }}
      />
      <TextField
        {...shared}
        label={t("password.new")}
        hint={t("password.newHint", { least })}
        value={next}
        error={fields.errors.new_password}
        autoComplete="new-password"
        onChange={(event) => {
          setNext(event.target.value);
          fields.clear("new_password");
        }}
      />
      <label className="cd-check">
        <input type="checkbox" checked={visible} onChange={(event) => setVisible(event.target.checked)} />
        <span>{t("password.show")}</span>
      </label>
      {change.isError && Object.keys(fields.errors).length === 0 && <ErrorNote error={change.error} />}
      <div>
        <Button type="submit" look="primary" busy={change.isPending}>
          {t("password.submit")}
        </Button>
      </div>
      {unsaved.question}
    </form>
  );
}
