import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useRef } from "react";
import { useTranslation } from "react-i18next";
import type { Invitation } from "@/api/gen/model";
import { createInvitation, revokeInvitation } from "@/api/gen/team/team";
import { focusNear } from "@/shared/focusNear";
import { currentLanguage } from "@/shared/i18n";
import { errorText } from "@/shared/i18n/errors";
import { date } from "@/shared/time";
import { Badge, Button, ErrorState, Loading, Skeleton, toast } from "@/shared/ui";
import { invitationsQuery } from "./queries";

/** Who was invited and has not come yet: whose link works, and apart from them whose link came to its end. */
export function Invitations() {
  const { t } = useTranslation("settings");
  const { data, error, refetch } = useQuery(invitationsQuery);
  if (data === undefined) {
    return (
      <section className="cd-stack settings-part">
        <h2>{t("invitations.title")}</h2>
        {error === null ? (
          <Loading>
            <Skeleton height={56} />
          </Loading>
        ) : (
          <ErrorState error={error} onRetry={() => void refetch()} />
        )}
      </section>
    );
  }
  return (
    <>
      <Group title={t("invitations.title")} items={data.filter(({ state }) => state === "open")} />
      <Group title={t("invitations.overTitle")} items={data.filter(({ state }) => state === "expired")} />
    </>
  );
}

function Group({ title, items }: { title: string; items: readonly Invitation[] }) {
  if (items.length === 0) return null;
  return (
    <section className="cd-stack settings-part">
      <h2>{title}</h2>
      <ul className="cd-rows" aria-label={title}>
        {items.map((invitation) => (
          <Row key={invitation.id} invitation={invitation} />
        ))}
      </ul>
    </section>
  );
}

function Row({ invitation }: { invitation: Invitation }) {
  const { t } = useTranslation(["settings", "common"]);
  const client = useQueryClient();
  const item = useRef<HTMLLIElement>(null);
  const { id, email, member_role, expires_at, state } = invitation;
  const onError = (error: Error) => toast(errorText(error), { tone: "error" });
  const revoke = useMutation({
    mutationFn: () => revokeInvitation(id),
    onSuccess: () => {
      focusNear(item.current);
      client.setQueryData(invitationsQuery.queryKey, (all) => all?.filter((one) => one.id !== id));
      toast(t("settings:invitations.revoked", { email }));
    },
    onError,
  });
  const again = useMutation({
    mutationFn: () => createInvitation({ email, member_role, language: currentLanguage() }),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: invitationsQuery.queryKey });
      toast(t("settings:invitations.sent", { email }));
    },
    onError,
  });
  return (
    <li ref={item} className="cd-rows-item settings-person">
      <div className="cd-rows-words">
        <bdi>{email}</bdi> <Badge>{t(`common:roles.${member_role}`)}</Badge>
        <p className="cd-field-hint">{t(`settings:invitations.${state}`, { date: date(expires_at) })}</p>
      </div>
      <div className="cd-row">
        <Button
          small
          busy={again.isPending}
          aria-label={t("settings:invitations.againNamed", { email })}
          onClick={() => again.mutate()}
        >
          {t("settings:invitations.again")}
        </Button>
        <Button
          small
          busy={revoke.isPending}
          aria-label={t("settings:invitations.revokeNamed", { email })}
          onClick={() => revoke.mutate()}
        >
          {t("settings:invitations.revoke")}
        </Button>
      </div>
    </li>
  );
}
