import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { useSearchParams } from "react-router";
import type { Dashboard } from "@/api/gen/model";
import { useSession } from "@/api/session";
import { DEFAULT_ZONE, date, dayOf, zoneLabel } from "@/shared/time";
import { Button, EmptyState, ErrorState, Loading, PageHead, Skeleton } from "@/shared/ui";
import { ByDay } from "./ByDay";
import { Figures } from "./Figures";
import { isQuiet } from "./figures";
import { Handovers } from "./Handovers";
import { PeriodPicker } from "./PeriodPicker";
import { readPeriod } from "./period";
import { dashboardQuery } from "./queries";
import "./dashboard.css";

export function Component() {
  const { t } = useTranslation("dashboard");
  const zone = useSession((state) => state.user?.time_zone) ?? DEFAULT_ZONE;
  const [params, setParams] = useSearchParams();
  const today = dayOf(Date.now(), zone);
  const { period, preset } = readPeriod(params, today);
  const { data, error, refetch, isPlaceholderData } = useQuery(dashboardQuery(period, zone, today));
  const show = (next: Record<string, string>) => setParams(next, { replace: true });
  return (
    <div className="cd-page">
      <PageHead title={t("title")} />
      <PeriodPicker
        period={period}
        preset={preset}
        today={today}
        onPreset={(next) => show({ period: next })}
        onOwn={({ from, to }) => show({ from, to })}
      />
      <p className="dashboard-range">
        {t("range", { from: date(period.from, "UTC"), to: date(period.to, "UTC") })} ·{" "}
        {t("zone", { zone: zoneLabel(zone, new Date()) })}
      </p>
      <div aria-busy={isPlaceholderData} className={isPlaceholderData ? "dashboard-old" : undefined}>
        {data !== undefined && <Told told={data} onLonger={() => show({ period: "90" })} />}
        {data === undefined && error !== null && <ErrorState error={error} onRetry={() => void refetch()} />}
        {data === undefined && error === null && <Waiting />}
      </div>
    </div>
  );
}

function Told({ told, onLonger }: { told: Dashboard; onLonger: () => void }) {
  const { t } = useTranslation("dashboard");
  if (isQuiet(told)) {
    return (
      <EmptyState
        title={t("empty.title")}
        text={t("empty.text")}
        action={told.days.length < 90 && <Button onClick={onLonger}>{t("empty.longer")}</Button>}
      />
    );
  }
  return (
    <>
      <Figures told={told} />
      <ByDay days={told.days} />
      <Handovers told={told} />
    </>
  );
}

function Waiting() {
  return (
    <Loading>
      <div className="dashboard-figures">
        {["a", "b", "c", "d", "e", "f"].map((key) => (
          <Skeleton key={key} height={92} />
        ))}
      </div>
      <Skeleton height={340} style={{ marginTop: 16 }} />
    </Loading>
  );
}
