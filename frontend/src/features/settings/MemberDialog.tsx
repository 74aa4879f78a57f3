import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useId } from "react";
import { useTranslation } from "react-i18next";
import { ApiError } from "@/api/error";
import { addMember } from "@/api/gen/members/members";
import { membersQuery } from "@/api/queries";
import { useDraft, useFieldErrors } from "@/shared/form";
import { errorText, fieldErrors } from "@/shared/i18n/errors";
import { isEmail, isLongEnough } from "@/shared/login";
import { Button, Dialog, ErrorNote, SelectField, TextField, toast } from "@/shared/ui";
import { useUnsaved } from "@/shared/unsaved";

const ROLES = ["agent", "manager", "viewer"] as const;
const EMPTY = { email: "", name: "", password: "", member_role: "agent" };

export function MemberDialog({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation(["settings", "common"]);
  const client = useQueryClient();
  const formId = useId();
  const draft = useDraft(EMPTY, "member", ["password"]);
  const fields = useFieldErrors();
  const unsaved = useUnsaved(draft.dirty, onClose);
  const { email, name, password, member_role } = draft.value;

  const add = useMutation({
    mutationFn: () =>
      addMember({
        email: email.trim(),
        password,
        member_role,
        ...(name.trim() === "" ? {} : { name: name.trim() }),
      }),
    onSuccess: (member) => {
      void client.invalidateQueries({ queryKey: membersQuery.queryKey });
      toast(t("settings:team.added", { name: member.name }));
      onClose();
    },
    onError: (error) => {
      const isTaken = error instanceof ApiError && error.code === "email_in_use";
      fields.show(isTaken ? { email: errorText(error) } : fieldErrors(error));
    },
  });
  const set = (key: keyof typeof EMPTY, value: string) => {
    draft.set(key, value);
    fields.clear(key);
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const problems = {
      ...(isEmail(email) ? {} : { email: t("settings:team.emailWrong") }),
      ...(isLongEnough(password) ? {} : { password: t("settings:team.passwordShort") }),
    };
    if (!fields.show(problems) && !add.isPending) add.mutate();
  };
  return (
    <Dialog
      title={t("settings:team.newTitle")}
      onClose={unsaved.close}
      footer={
        <>
          <Button onClick={unsaved.close}>{t("common:cancel")}</Button>
          <Button type="submit" form={formId} look="primary" busy={add.isPending}>
            {t("settings:team.submit")}
          </Button>
        </>
      }
    >
      <form id={formId} ref={fields.form} className="cd-stack" noValidate onSubmit={submit}>
        <TextField
          type="email"
          label={t("settings:team.email")}
          value={email}
          error={fields.errors.email}
          autoComplete="off"
          required
          onChange={(event) => set("email", event.target.value)}
        />
        <TextField
          label={t("settings:team.name")}
          hint={t("settings:team.nameHint")}
          optional
          value={name}
          error={fields.errors.name}
          maxLength={80}
          autoComplete="off"
          onChange={(event) => set("name", event.target.value)}
        />
        <TextField
          // Readable, because it is for somebody else and has to be handed over.
          type="text"
          label={t("settings:team.password")}
          hint={t("settings:team.passwordHint")}
          value={password}
          error={fields.errors.password}
          maxLength={256}
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          required
          onChange={(event) => set("password", event.target.value)}
        />
        <SelectField
          label={t("settings:team.role")}
          value={member_role}
          error={fields.errors.member_role}
          options={ROLES.map((role) => ({ value: role, label: t(`settings:team.roles.${role}`) }))}
          onChange={(event) => set("member_role", event.target.value)}
        />
        {add.isError && Object.keys(fields.errors).length === 0 && <ErrorNote error={add.error} />}
      </form>
      {unsaved.question}
    </Dialog>
  );
}
