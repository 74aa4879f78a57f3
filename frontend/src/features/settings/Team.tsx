import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { membersQuery } from "@/api/queries";
import { useRights } from "@/shared/rights";
import { Button, ErrorState, Loading, Skeleton } from "@/shared/ui";
import { Invitations } from "./Invitations";
import { MemberDialog } from "./MemberDialog";
import { Person } from "./Person";

export function Team() {
  const { t } = useTranslation("settings");
  const { manages } = useRights();
  const [isInviting, setInviting] = useState(false);
  const { data, error, refetch } = useQuery(membersQuery);
  return (
    <>
      <div className="cd-part-head">
        {!manages && <p>{t("manageOnly")}</p>}
        {manages && (
          <Button look="primary" onClick={() => setInviting(true)}>
            {t("invitations.invite")}
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
        <ul className="cd-rows" aria-label={t("team.listLabel")}>
          {data.map((member) => (
            <Person key={member.id} member={member} />
          ))}
        </ul>
      )}
      {manages && <Invitations />}
      {isInviting && <MemberDialog onClose={() => setInviting(false)} />}
    </>
  );
}
