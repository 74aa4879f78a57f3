import { DesktopOutlined, MobileOutlined } from "@ant-design/icons";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { logoutEverywhere } from "@/api/auth";
import { endSession } from "@/api/gen/auth/auth";
import type { ListSessionInfo } from "@/api/gen/model";
import { focusNear } from "@/shared/focusNear";
import { errorText } from "@/shared/i18n/errors";
import { fullTime } from "@/shared/time";
import { Badge, Button, ConfirmDialog, ErrorState, Loading, Skeleton, toast } from "@/shared/ui";
import { readDevice } from "./device";
import { sessionsQuery } from "./queries";

/** Where this person is logged in. */
export function Sessions() {
  const { t } = useTranslation("security");
  const { data, error, refetch } = useQuery(sessionsQuery);
  return (
    <section className="cd-card cd-stack">
      <div className="cd-part-head">
        <h2>{t("sessions.title")}</h2>
        <Everywhere />
      </div>
      {data === undefined && error !== null && <ErrorState error={error} onRetry={() => void refetch()} />}
      {data === undefined && error === null && (
        <Loading>
          <Skeleton height={56} />
        </Loading>
      )}
      {data !== undefined && (
        <ul className="cd-rows" aria-label={t("sessions.listLabel")}>
          {data.map((session) => (
            <Device key={session.id} session={session} />
          ))}
        </ul>
      )}
    </section>
  );
}

function Device({ session }: { session: ListSessionInfo["items"][number] }) {
  const { t } = useTranslation("security");
  const client = useQueryClient();
  const item = useRef<HTMLLIElement>(null);
  const end = useMutation({
    mutationFn: () => endSession(session.id),
    onSuccess: () => {
      focusNear(item.current);
      client.setQueryData(sessionsQuery.queryKey, (all) => all?.filter(({ id }) => id !== session.id));
      toast(t("sessions.ended"));
    },
    onError: (error) => toast(errorText(error), { tone: "error" }),
  });
  const { browser, system } = readDevice(session.user_agent);
  const both = browser !== null && system !== null ? t("sessions.on", { browser, system }) : null;
  const name = both ?? browser ?? system ?? t("sessions.unknown");
  const isPhone = system === "iPhone" || system === "Android";
  return (
    <li ref={item} className="cd-rows-item">
      <span className="cd-rows-icon" aria-hidden="true">
        {isPhone ? <MobileOutlined /> : <DesktopOutlined />}
      </span>
      <div className="cd-rows-words">
        <strong title={session.user_agent ?? undefined}>{name}</strong>{" "}
        {session.is_current && <Badge tone="success">{t("sessions.current")}</Badge>}
        <p className="cd-field-hint">
          {t("sessions.lastUsed", { when: fullTime(session.last_used_at) })} ·{" "}
          {t("sessions.began", { when: fullTime(session.created_at) })}
        </p>
      </div>
      {!session.is_current && (
        <Button
          small
          aria-label={t("sessions.endNamed", { name, when: fullTime(session.last_used_at) })}
          busy={end.isPending}
          onClick={() => end.mutate()}
        >
          {t("sessions.end")}
        </Button>
      )}
    </li>
  );
}

function Everywhere() {
  const { t } = useTranslation("security");
  const [isAsking, setAsking] = useState(false);
  const leave = useMutation({
    mutationFn: logoutEverywhere,
    onError: (error) => {
      setAsking(false);
      toast(errorText(error), { tone: "error" });
    },
  });
  return (
    <>
      <Button onClick={() => setAsking(true)}>{t("sessions.everywhere")}</Button>
      {isAsking && (
        <ConfirmDialog
          title={t("sessions.everywhere")}
          text={t("sessions.everywhereText")}
          confirm={t("sessions.everywhere")}
          danger
          busy={leave.isPending}
          onConfirm={() => leave.mutate()}
          onClose={() => setAsking(false)}
        />
      )}
    </>
  );
}
