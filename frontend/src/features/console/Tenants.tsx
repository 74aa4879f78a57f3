import { useInfiniteQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Link, useSearchParams } from "react-router";
import type { Tenant, TenantState } from "@/api/gen/model";
import { number } from "@/shared/money";
import { fullTime } from "@/shared/time";
import { Button } from "@/shared/ui/Button";
import { SelectField, TextField } from "@/shared/ui/Field";
import { Paged } from "@/shared/ui/Paged";
import { PageHead } from "@/shared/ui/PageHead";
import { Badge, type Tone } from "@/shared/ui/small";
import { tenantsQuery } from "./queries";

const STATES = ["active", "suspended", "deleting"] as const satisfies readonly TenantState[];
export const TONES: Record<TenantState, Tone> = {
  active: "success",
  suspended: "error",
  deleting: "warning",
};

/** Every business, by name, state and what it uses. */
export function Tenants() {
  const { t } = useTranslation("console");
  const [params, setParams] = useSearchParams();
  const q = params.get("q") ?? "";
  const state = STATES.find((one) => one === params.get("state")) ?? null;
  const list = useInfiniteQuery(tenantsQuery(q, state));
  const change = (wish: { q?: string; state?: string }) => {
    const next = { q, state: state ?? "", ...wish };
    setParams(new URLSearchParams(Object.entries(next).filter(([, value]) => value !== "")), {
      replace: true,
    });
  };
  return (
    <>
      <PageHead title={t("nav.tenants")} />
      <search>
        <form
          className="console-filters"
          onSubmit={(event) => {
            event.preventDefault();
            change({ q: String(new FormData(event.currentTarget).get("q") ?? "").trim() });
          }}
        >
          <TextField
            key={q}
            type="search"
            name="q"
            label={t("tenants.search")}
            hint={t("tenants.searchHint")}
            defaultValue={q}
          />
          <SelectField
            label={t("tenants.state")}
            value={state ?? ""}
            options={[
              { value: "", label: t("tenants.all") },
              ...STATES.map((one) => ({ value: one, label: t(`state.${one}`) })),
            ]}
            onChange={(event) => change({ state: event.target.value })}
          />
          <Button type="submit">{t("tenants.submit")}</Button>
        </form>
      </search>
      <Paged list={list} empty={t("tenants.none")} emptyText={t("tenants.noneText")}>
        {(items) => (
          <ul className="console-list" aria-label={t("nav.tenants")}>
            {items.map((tenant) => (
              <Row key={tenant.business_id} tenant={tenant} />
            ))}
          </ul>
        )}
      </Paged>
    </>
  );
}

function Row({ tenant }: { tenant: Tenant }) {
  const { t } = useTranslation("console");
  return (
    <li className="console-row">
      <div className="console-words">
        <Link className="console-name" to={`/admin/tenants/${tenant.business_id}`}>
          <bdi>{tenant.name}</bdi>
        </Link>{" "}
        <Badge tone={TONES[tenant.state]}>{t(`state.${tenant.state}`)}</Badge>{" "}
        <Badge>{t(`plan.${tenant.plan}`)}</Badge>
        {tenant.reason && (
          <p className="cd-field-hint">
            <bdi>{tenant.reason}</bdi>
          </p>
        )}
      </div>
      <p className="console-numbers">
        {t("tenants.tokens", { used: number(tenant.tokens_today), cap: number(tenant.tokens_per_day) })}
        <br />
        {t("tenants.month", { used: number(tenant.tokens_month) })}
      </p>
      <p className="console-numbers">
        {t("tenants.channels", { count: tenant.channels })}
        {tenant.troubled_channels > 0 && (
          <>
            {" "}
            <Badge tone="error">{t("tenants.troubled", { count: tenant.troubled_channels })}</Badge>
          </>
        )}
        <br />
        {tenant.last_event_at
          ? t("tenants.lastEvent", { when: fullTime(tenant.last_event_at) })
          : t("tenants.noEvent")}
      </p>
    </li>
  );
}
