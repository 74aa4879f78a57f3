import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { ApiError } from "@/api/error";
import { addMember } from "@/api/gen/members/members";
import { createInvitation } from "@/api/gen/team/team";
import { membersQuery } from "@/api/queries";
import { useDraft, useFieldErrors } from "@/shared/form";
import { currentLanguage } from "@/shared/i18n";
import { errorText, fieldErrors } from "@/shared/i18n/errors";
import { isEmail, isLongEnough } from "@/shared/login";
import { useRights } from "@/shared/rights";
import { Button, Dialog, ErrorNote, SelectField, toast } from "@/shared/ui";
import { useUnsaved } from "@/shared/unsaved";
import { EmailField, type NewMember, OwnFields } from "./MemberFields";
import { invitationsQuery } from "./queries";
import { addedBy, givenBy } from "./roles";

const EMPTY: NewMember = { email: "", name: "", password: "", member_role: "agent" };

/** Brings somebody into the team: by mail, or where the installation sends none, with a password that is handed over. */
export function MemberDialog({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation(["settings", "common"]);
  const client = useQueryClient();
  const formId = useId();
  const rights = useRights();
  const [isByMail, setByMail] = useState(true);
  const draft = useDraft(EMPTY, "member", ["password"]);
  const fields = useFieldErrors();
  const unsaved = useUnsaved(draft.dirty, onClose);
  const { name, password } = draft.value;
  const email = draft.value.email.trim();
  const roles = isByMail ? givenBy(rights) : addedBy(rights);
  const member_role = roles.find((role) => role === draft.value.member_role) ?? "agent";

  const bring = useMutation({
    mutationFn: async () => {
      if (isByMail) {
        await createInvitation({ email, member_role, language: currentLanguage() });
        void client.invalidateQueries({ queryKey: invitationsQuery.queryKey });
        return t("settings:invitations.sent", { email });
      }
      const called = name.trim() === "" ? {} : { name: name.trim() };
      const added = await addMember({ email, password, member_role, ...called });
      void client.invalidateQueries({ queryKey: membersQuery.queryKey });
      return t("settings:team.added", { name: added.name });
    },
    onSuccess: (done) => {
      toast(done);
      onClose();
    },
    onError: (error) => {
      const isTaken = error instanceof ApiError && error.code === "email_in_use";
      fields.show(isTaken ? { email: errorText(error) } : fieldErrors(error));
    },
  });
  const hasNoMail = bring.error instanceof ApiError && bring.error.code === "mail_off";
  const withPassword = () => {
    bring.reset();
    setByMail(false);
  };
  const set = (key: keyof NewMember, value: string) => {
    draft.set(key, value);
    fields.clear(key);
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const isShort = !isByMail && !isLongEnough(password);
    const problems = {
      ...(isEmail(email) ? {} : { email: t("settings:team.emailWrong") }),
      ...(isShort ? { password: t("settings:team.passwordShort") } : {}),
    };
    if (!fields.show(problems) && !bring.isPending) bring.mutate();
  };
  const own = { value: draft.value, errors: fields.errors, onChange: set };
  return (
    <Dialog
      title={t(isByMail ? "settings:invitations.newTitle" : "settings:team.newTitle")}
      onClose={unsaved.close}
      footer={
        <>
          <Button onClick={unsaved.close}>{t("common:cancel")}</Button>
          <Button type="submit" form={formId} look="primary" busy={bring.isPending}>
            {t(isByMail ? "settings:invitations.submit" : "settings:team.submit")}
          </Button>
        </>
      }
    >
      <form id={formId} ref={fields.form} className="cd-stack" noValidate onSubmit={submit}>
        {isByMail && <p>{t("settings:invitations.text")}</p>}
        <EmailField {...own} />
        {!isByMail && <OwnFields {...own} />}
        <SelectField
          label={t("settings:team.role")}
          value={member_role}
          error={fields.errors.member_role}
          options={roles.map((role) => ({ value: role, label: t(`settings:team.roles.${role}`) }))}
          onChange={(event) => set("member_role", event.target.value)}
        />
        {bring.isError && Object.keys(fields.errors).length === 0 && <ErrorNote error={bring.error} />}
        {hasNoMail && (
          <div>
            <Button onClick={withPassword}>{t("settings:team.add")}</Button>
          </div>
        )}
      </form>
      {unsaved.question}
    </Dialog>
  );
}
