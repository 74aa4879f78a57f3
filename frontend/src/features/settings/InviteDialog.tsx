import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useId } from "react";
import { useTranslation } from "react-i18next";
import { ApiError } from "@/api/error";
import { createInvitation } from "@/api/gen/team/team";
import { useDraft, useFieldErrors } from "@/shared/form";
import { currentLanguage } from "@/shared/i18n";
import { errorText, fieldErrors } from "@/shared/i18n/errors";
import { isEmail } from "@/shared/login";
import { useRights } from "@/shared/rights";
import { Button, Dialog, ErrorNote, SelectField, TextField, toast } from "@/shared/ui";
import { useUnsaved } from "@/shared/unsaved";
import { invitationsQuery } from "./queries";
import { givenBy } from "./roles";

const EMPTY = { email: "", member_role: "agent" };

/** Invites somebody by mail. Where the installation sends none, `onNoMail` leads to setting a password for them. */
export function InviteDialog({ onClose, onNoMail }: { onClose: () => void; onNoMail: () => void }) {
  const { t } = useTranslation(["settings", "common"]);
  const client = useQueryClient();
  const formId = useId();
  const roles = givenBy(useRights());
  const draft = useDraft(EMPTY, "invitation");
  const fields = useFieldErrors();
  const unsaved = useUnsaved(draft.dirty, onClose);
  const { email, member_role } = draft.value;
  const invite = useMutation({
    mutationFn: () => createInvitation({ email: email.trim(), member_role, language: currentLanguage() }),
    onSuccess: (invitation) => {
      void client.invalidateQueries({ queryKey: invitationsQuery.queryKey });
      toast(t("settings:invitations.sent", { email: invitation.email }));
      onClose();
    },
    onError: (error) => {
      const isTaken = error instanceof ApiError && error.code === "email_in_use";
      fields.show(isTaken ? { email: errorText(error) } : fieldErrors(error));
    },
  });
  const hasNoMail = invite.error instanceof ApiError && invite.error.code === "mail_off";
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const problems: Record<string, string> = isEmail(email) ? {} : { email: t("settings:team.emailWrong") };
    if (!fields.show(problems) && !invite.isPending) invite.mutate();
  };
  const set = (key: keyof typeof EMPTY, value: string) => {
    draft.set(key, value);
    fields.clear(key);
  };
  return (
    <Dialog
      title={t("settings:invitations.newTitle")}
      onClose={unsaved.close}
      footer={
        <>
          <Button onClick={unsaved.close}>{t("common:cancel")}</Button>
          <Button type="submit" form={formId} look="primary" busy={invite.isPending}>
            {t("settings:invitations.submit")}
          </Button>
        </>
      }
    >
      <form id={formId} ref={fields.form} className="cd-stack" noValidate onSubmit={submit}>
        <p>{t("settings:invitations.text")}</p>
        <TextField
          type="email"
          label={t("settings:team.email")}
          value={email}
          error={fields.errors.email}
          autoComplete="off"
          required
          onChange={(event) => set("email", event.target.value)}
        />
        <SelectField
          label={t("settings:team.role")}
          value={member_role}
          error={fields.errors.member_role}
          options={roles.map((role) => ({ value: role, label: t(`settings:team.roles.${role}`) }))}
          onChange={(event) => set("member_role", event.target.value)}
        />
        {invite.isError && Object.keys(fields.errors).length === 0 && <ErrorNote error={invite.error} />}
        {hasNoMail && (
          <div>
            <Button onClick={onNoMail}>{t("settings:team.add")}</Button>
          </div>
        )}
      </form>
      {unsaved.question}
    </Dialog>
  );
}
