import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Link, useSearchParams } from "react-router";
import type { UsageReport } from "@/api/gen/model";
import { dayOf, shiftDay } from "@/shared/time";
import { TextField } from "@/shared/ui/Field";
import { PageHead } from "@/shared/ui/PageHead";
import { ErrorState, Loading, Skeleton } from "@/shared/ui/states";
import { usageQuery } from "./queries";
import { Days, UsageCells, UsageHead } from "./UsageTable";
import { Wide } from "./Wide";

const DAY = /^\d{4}-\d{2}-\d{2}$/;
const DAYS = 30;

/** The period of an address in UTC days: the last 30 where it names none. */
export function periodOf(params: URLSearchParams, today: string): { first: string; last: string } {
  const named = (name: string) => {
    const day = params.get(name) ?? "";
    return DAY.test(day) ? day : null;
  };
  const last = named("to") ?? today;
  const first = named("from") ?? shiftDay(last, 1 - DAYS);
  return first <= last ? { first, last } : { first: last, last: first };
}

/** What the language model was used for, and what it cost. */
export function Usage() {
  const { t } = useTranslation("console");
  const [params, setParams] = useSearchParams();
  const { first, last } = periodOf(params, dayOf(Date.now(), "UTC"));
  const { data, error, refetch, isPlaceholderData } = useQuery(usageQuery(first, last));
  const change = (wish: { from?: string; to?: string }) =>
    setParams({ from: first, to: last, ...wish }, { replace: true });
  return (
    <>
      <PageHead title={t("nav.usage")} />
      <div className="console-filters">
        <TextField
          type="date"
          label={t("usage.from")}
          value={first}
          max={last}
          onChange={({ target }) => target.value !== "" && change({ from: target.value })}
        />
        <TextField
          type="date"
          label={t("usage.to")}
          hint={t("usage.utc")}
          value={last}
          min={first}
          onChange={({ target }) => target.value !== "" && change({ to: target.value })}
        />
      </div>
      {data !== undefined && <Report report={data} isOld={isPlaceholderData} />}
      {data === undefined && error !== null && <ErrorState error={error} onRetry={() => void refetch()} />}
      {data === undefined && error === null && (
        <Loading>
          <Skeleton height={180} />
        </Loading>
      )}
    </>
  );
}

function Report({ report, isOld }: { report: UsageReport; isOld: boolean }) {
  const { t } = useTranslation("console");
  const { tenants, others, days, total } = report;
  return (
    <div className="cd-stack" aria-busy={isOld}>
      {!total.spend && <p className="cd-alert">{t("usage.noPrices")}</p>}
      <h2>{t("usage.byTenant")}</h2>
      {tenants.length === 0 ? (
        <p>{t("usage.none")}</p>
      ) : (
        <Wide label={t("usage.byTenant")}>
          <UsageHead first={t("usage.tenant")} />
          <tbody>
            {tenants.map((tenant) => (
              <tr key={tenant.business_id}>
                <th scope="row">
                  <Link to={`/admin/tenants/${tenant.business_id}`}>
                    <bdi>{tenant.business_name}</bdi>
                  </Link>
                </th>
                <UsageCells usage={tenant} />
              </tr>
            ))}
            {others && (
              <tr>
                <th scope="row">{t("usage.others", { count: others.tenants })}</th>
                <UsageCells usage={others} />
              </tr>
            )}
          </tbody>
          <tfoot>
            <tr>
              <th scope="row">{t("usage.total")}</th>
              <UsageCells usage={total} />
            </tr>
          </tfoot>
        </Wide>
      )}
      <h2>{t("usage.byDay")}</h2>
      <Days days={days} />
    </div>
  );
}
