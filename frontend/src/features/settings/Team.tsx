import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Member } from "@/api/gen/model";
import { membersQuery } from "@/api/queries";
import { useSession } from "@/api/session";
import { useRights } from "@/shared/rights";
import { date } from "@/shared/time";
import { Avatar, Badge, Button, ErrorState, Loading, Skeleton } from "@/shared/ui";
import { MemberDialog } from "./MemberDialog";

export function Team() {
  const { t } = useTranslation("settings");
  const { manages } = useRights();
  const [isAdding, setAdding] = useState(false);
  const { data, error, refetch } = useQuery(membersQuery);
  return (
    <>
      <div className="settings-head">
        {!manages && <p>{t("manageOnly")}</p>}
        {manages && (
          <Button look="primary" onClick={() => setAdding(true)}>
            {t("team.add")}
          </Button>
        )}
      </div>
      {data === undefined && error !== null && <ErrorState error={error} onRetry={() => void refetch()} />}
      {data === undefined && error === null && (
        <Loading>
          <div className="cd-stack">
            <Skeleton height={60} />
            <Skeleton height={60} />
          </div>
        </Loading>
      )}
      {data !== undefined && (
        <ul className="settings-list" aria-label={t("team.listLabel")}>
          {data.map((member) => (
            <Person key={member.id} member={member} />
          ))}
        </ul>
      )}
      {isAdding && <MemberDialog onClose={() => setAdding(false)} />}
    </>
  );
}

function Person({ member }: { member: Member }) {
  const { t } = useTranslation(["settings", "common"]);
  const isMe = useSession((state) => state.user?.id === member.id);
  return (
    <li className="settings-item">
      <Avatar name={member.name} />
      <div className="settings-words">
        <strong>
          <bdi>{member.name}</bdi>
        </strong>
        {isMe && ` (${t("settings:team.you")})`}
        <p className="cd-field-hint">
          <bdi>{member.email}</bdi> · {t("settings:team.since", { date: date(member.created_at) })}
        </p>
      </div>
      <Badge tone={member.member_role === "owner" ? "info" : "neutral"}>
        {t(`common:roles.${member.member_role}`)}
      </Badge>
    </li>
  );
}
