import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { useParams } from "react-router";
import { isNotFound } from "@/api/error";
import type { TenantDetail } from "@/api/gen/model";
import { number } from "@/shared/money";
import { fullTime } from "@/shared/time";
import { ButtonLink } from "@/shared/ui/ButtonLink";
import { PageHead } from "@/shared/ui/PageHead";
import { Badge } from "@/shared/ui/small";
import { EmptyState, ErrorState, Loading, Skeleton } from "@/shared/ui/states";
import { Actions } from "./Actions";
import { ChannelRow } from "./Channels";
import { tenantQuery } from "./queries";
import { TONES } from "./Tenants";
import { Days } from "./UsageTable";

/** All that admins are told of one business: counts and states, nothing that anybody wrote. */
export function TenantPage() {
  const { id = "" } = useParams();
  const { data, error, refetch } = useQuery(tenantQuery(id));
  if (data !== undefined) return <Shown tenant={data} />;
  if (isNotFound(error)) return <Gone />;
  if (error !== null) return <ErrorState error={error} onRetry={() => void refetch()} />;
  return (
    <Loading>
      <Skeleton height={240} />
    </Loading>
  );
}

function Gone() {
  const { t } = useTranslation("console");
  return (
    <EmptyState
      title={t("tenant.gone")}
      text={t("tenant.goneText")}
      action={<ButtonLink to="/admin/tenants">{t("tenant.back")}</ButtonLink>}
    />
  );
}

function Shown({ tenant }: { tenant: TenantDetail }) {
  const { t } = useTranslation(["console", "common"]);
  const facts: [string, string][] = [
    [t("console:tenant.id"), tenant.business_id],
    [t("console:tenant.since"), fullTime(tenant.created_at)],
    [t("console:tenant.plan"), t(`console:plan.${tenant.plan}`)],
    [
      t("console:tenant.cap"),
      number(tenant.tokens_per_day) + (tenant.is_capped ? ` (${t("console:tenant.capped")})` : ""),
    ],
    [t("console:tenant.today"), number(tenant.tokens_today)],
    [t("console:tenant.month"), number(tenant.tokens_month)],
    [
      t("console:tenant.people"),
      tenant.member_counts
        .filter(({ count }) => count > 0)
        .map(({ member_role, count }) => `${t(`common:roles.${member_role}`)}: ${number(count)}`)
        .join(", "),
    ],
  ];
  return (
    <div className="cd-stack">
      <PageHead title={tenant.name}>
        <div className="cd-row">
          <Badge tone={TONES[tenant.state]}>{t(`console:state.${tenant.state}`)}</Badge>
          <ButtonLink to="/admin/tenants">{t("console:tenant.back")}</ButtonLink>
        </div>
      </PageHead>
      {tenant.reason && (
        <p className="cd-alert">
          {t("console:tenant.reason", { when: fullTime(tenant.changed_at) })} <bdi>{tenant.reason}</bdi>
        </p>
      )}
      <Actions tenant={tenant} />
      <dl className="console-facts">
        {facts.map(([term, value]) => (
          <div key={term}>
            <dt>{term}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <section className="cd-stack">
        <h2>{t("console:nav.channels")}</h2>
        {tenant.channel_health.length === 0 ? (
          <p>{t("console:channels.none")}</p>
        ) : (
          <ul className="console-list">
            {tenant.channel_health.map((channel) => (
              <ChannelRow key={channel.id} channel={channel} />
            ))}
          </ul>
        )}
      </section>
      <section className="cd-stack">
        <h2>{t("console:tenant.days")}</h2>
        <Days days={tenant.days} />
      </section>
      <section className="cd-stack">
        <h2>{t("console:tenant.visits")}</h2>
        {tenant.visits.length === 0 ? (
          <p>{t("console:tenant.noVisits")}</p>
        ) : (
          <ul className="console-list">
            {tenant.visits.map((visit) => (
              <li key={visit.id} className="console-row">
                <span>{fullTime(visit.started_at)}</span>
                <bdi className="console-words">{visit.reason}</bdi>
                {visit.admin_email && <bdi className="console-numbers">{visit.admin_email}</bdi>}
              </li>
            ))}
          </ul>
        )}
      </section>
    </div>
  );
}
