import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { logout } from "@/api/auth";
import type { Member, MemberRole } from "@/api/gen/model";
import { changeRole, removeMember } from "@/api/gen/team/team";
import { membersQuery } from "@/api/queries";
import { renewAccess } from "@/api/renew";
import { currentAccess, useSession } from "@/api/session";
import { errorText } from "@/shared/i18n/errors";
import { useRights } from "@/shared/rights";
import { date } from "@/shared/time";
import { Avatar, Badge, Button, ConfirmDialog, ErrorNote, SelectField, toast } from "@/shared/ui";
import { invitationsQuery } from "./queries";
import { givenBy, mayChange } from "./roles";

/** A colleague, and what may be decided about them. */
export function Person({ member }: { member: Member }) {
  const { t } = useTranslation(["settings", "common"]);
  const rights = useRights();
  const isMe = useSession((state) => state.user?.id === member.id);
  const [isLeaving, setLeaving] = useState(false);
  const mayDecide = mayChange(rights, member.member_role);
  return (
    <li className="cd-rows-item settings-person">
      <Avatar name={member.name} />
      <div className="cd-rows-words">
        <strong>
          <bdi>{member.name}</bdi>
        </strong>
        {isMe && ` (${t("settings:team.you")})`}{" "}
        {member.has_totp && <Badge tone="success">{t("settings:team.totp")}</Badge>}
        <p className="cd-field-hint">
          <bdi>{member.email}</bdi> · {t("settings:team.since", { date: date(member.created_at) })}
        </p>
      </div>
      {mayDecide ? (
        <RoleChoice member={member} isMe={isMe} />
      ) : (
        <Badge tone={member.member_role === "owner" ? "info" : "neutral"}>
          {t(`common:roles.${member.member_role}`)}
        </Badge>
      )}
      {(mayDecide || (isMe && rights.manages)) && (
        <Button
          small
          aria-label={t("settings:team.removeNamed", { name: member.name })}
          onClick={() => setLeaving(true)}
        >
          {t("settings:team.remove")}
        </Button>
      )}
      {isLeaving && <RemoveDialog member={member} isMe={isMe} onClose={() => setLeaving(false)} />}
    </li>
  );
}

function RoleChoice({ member, isMe }: { member: Member; isMe: boolean }) {
  const { t } = useTranslation(["settings", "common"]);
  const client = useQueryClient();
  const roles = givenBy(useRights());
  const change = useMutation({
    mutationFn: (role: MemberRole) => changeRole(member.id, { member_role: role }),
    onSuccess: (changed) => {
      client.setQueryData(membersQuery.queryKey, (all) =>
        all?.map((one) => (one.id === changed.id ? changed : one)),
      );
      void client.invalidateQueries({ queryKey: invitationsQuery.queryKey });
      toast(t("settings:team.roleChanged", { name: member.name }));
      // The token in hand still says the old role.
      if (isMe) void renewAccess(currentAccess()?.token ?? null).catch(() => {});
    },
    onError: (error) => toast(errorText(error), { tone: "error" }),
  });
  return (
    <SelectField
      label={t("settings:team.roleOf", { name: member.name })}
      hideLabel
      value={change.isPending ? change.variables : member.member_role}
      disabled={change.isPending}
      options={roles.map((role) => ({ value: role, label: t(`common:roles.${role}`) }))}
      onChange={({ target }) => {
        const role = roles.find((one) => one === target.value);
        if (role !== undefined) change.mutate(role);
      }}
    />
  );
}

function RemoveDialog({ member, isMe, onClose }: { member: Member; isMe: boolean; onClose: () => void }) {
  const { t } = useTranslation("settings");
  const client = useQueryClient();
  const remove = useMutation({
    mutationFn: () => removeMember(member.id),
    onSuccess: () => {
      client.setQueryData(membersQuery.queryKey, (all) => all?.filter(({ id }) => id !== member.id));
      // What they may no longer give is revoked with them.
      void client.invalidateQueries({ queryKey: invitationsQuery.queryKey });
      toast(t("team.removed", { name: member.name }));
      onClose();
      // Whoever left has no session any more; the cookie goes too, as far as that works.
      if (isMe) void logout().catch(() => location.assign("/login"));
    },
  });
  return (
    <ConfirmDialog
      title={t("team.removeTitle", { name: member.name })}
      text={t(isMe ? "team.leaveText" : "team.removeText")}
      confirm={t("team.remove")}
      danger
      busy={remove.isPending}
      onConfirm={() => remove.mutate()}
      onClose={onClose}
    >
      <ErrorNote error={remove.error} />
    </ConfirmDialog>
  );
}
