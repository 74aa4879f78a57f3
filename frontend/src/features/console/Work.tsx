import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, useSearchParams } from "react-router";
import type { ListFailedWork, ServiceHealth } from "@/api/gen/model";
import { number } from "@/shared/money";
import { fullTime } from "@/shared/time";
import { Button } from "@/shared/ui/Button";
import { SelectField } from "@/shared/ui/Field";
import { Paged } from "@/shared/ui/Paged";
import { PageHead } from "@/shared/ui/PageHead";
import { Tabs } from "@/shared/ui/Tabs";
import { Kind, kindText } from "./kinds";
import { SERVICES, type ServiceName, systemQuery, workQuery } from "./queries";
import { type Verdict, WorkDialog } from "./WorkDialog";

type FailedWork = ListFailedWork["items"][number];
type QueueHealth = ServiceHealth["queues"][number];
const VERDICTS = ["retry", "discard"] as const satisfies readonly Verdict[];
/** The server decides about no more at once. */
const MOST = 200;

/** What a service failed at too often: it waits for somebody. */
export function Work() {
  const { t } = useTranslation("console");
  const [params, setParams] = useSearchParams();
  const service = SERVICES.find((one) => one === params.get("service")) ?? "inbox";
  const kind = params.get("kind") ?? "";
  const health = useQuery(systemQuery).data?.services;
  const failed = (name: ServiceName) =>
    health?.find((one) => one.service === name)?.queues.filter(({ set_aside }) => set_aside > 0) ?? [];
  const waiting = (name: ServiceName) => failed(name).reduce((sum, { set_aside }) => sum + set_aside, 0);
  const show = (wish: { service: ServiceName; kind?: string }) => setParams({ ...wish }, { replace: true });
  return (
    <div className="cd-stack">
      <PageHead title={t("nav.work")} />
      <p>{t("work.intro")}</p>
      <Tabs
        legend={t("work.services")}
        value={service}
        tabs={SERVICES.map((value) => {
          const count = waiting(value);
          return { value, label: count > 0 ? `${value} (${number(count)})` : value };
        })}
        onChange={(value) => show({ service: value })}
      />
      <Kinds
        queues={failed(service)}
        kind={kind}
        onChange={(wish) => show(wish === "" ? { service } : { service, kind: wish })}
      />
      <Choice key={`${service} ${kind}`} service={service} kind={kind} />
    </div>
  );
}

interface KindsProps {
  /** The queues of the service that have failed work. */
  queues: readonly QueueHealth[];
  kind: string;
  onChange: (kind: string) => void;
}

function Kinds({ queues, kind, onChange }: KindsProps) {
  const { t } = useTranslation("console");
  const isKnown = kind === "" || queues.some((queue) => queue.kind === kind);
  return (
    <SelectField
      label={t("work.kind")}
      value={kind}
      options={[
        { value: "", label: t("work.anyKind") },
        ...queues.map((queue) => ({
          value: queue.kind,
          label: `${kindText(t, queue.kind)} (${number(queue.set_aside)})`,
        })),
        ...(isKnown ? [] : [{ value: kind, label: kindText(t, kind) }]),
      ]}
      onChange={({ target }) => onChange(target.value)}
    />
  );
}

/** Of some work what may be decided so. */
function allowing(verdict: Verdict, works: readonly FailedWork[]): FailedWork[] {
  return works.filter((work) => (verdict === "retry" ? work.can_retry : work.can_discard));
}

function Choice({ service, kind }: { service: ServiceName; kind: string }) {
  const { t } = useTranslation("console");
  const list = useInfiniteQuery(workQuery(service, kind));
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [verdict, setVerdict] = useState<Verdict | null>(null);
  const toggle = (id: string) => {
    const next = new Set(chosen);
    if (!next.delete(id)) next.add(id);
    setChosen(next);
  };
  return (
    <Paged
      list={list}
      empty={kind === "" ? t("work.none") : t("work.noneOfKind", { kind: kindText(t, kind) })}
      {...(kind === "" ? { emptyText: t("work.noneText") } : {})}
    >
      {(items) => {
        const picked = items.filter(({ id }) => chosen.has(id));
        return (
          <>
            <div className="cd-row">
              <Button onClick={() => setChosen(new Set(items.slice(0, MOST).map(({ id }) => id)))}>
                {t("work.all")}
              </Button>
              {VERDICTS.filter((one) => allowing(one, items).length > 0).map((one) => {
                const count = allowing(one, picked).length;
                return (
                  <Button
                    key={one}
                    look={one === "retry" ? "primary" : "danger"}
                    disabled={count === 0 || count > MOST}
                    onClick={() => setVerdict(one)}
                  >
                    {t(`work.${one}.open`, { count })}
                  </Button>
                );
              })}
            </div>
            <ul className="console-list" aria-label={t("nav.work")}>
              {items.map((work) => (
                <Row
                  key={work.id}
                  work={work}
                  isChosen={chosen.has(work.id)}
                  onToggle={() => toggle(work.id)}
                />
              ))}
            </ul>
            {verdict !== null && (
              <WorkDialog
                verdict={verdict}
                ids={allowing(verdict, picked).map(({ id }) => id)}
                onClose={() => setVerdict(null)}
                onDone={() => setChosen(new Set())}
              />
            )}
          </>
        );
      }}
    </Paged>
  );
}

function Row({ work, isChosen, onToggle }: { work: FailedWork; isChosen: boolean; onToggle: () => void }) {
  const { t } = useTranslation("console");
  return (
    <li className="console-row">
      <label className="console-check">
        <input type="checkbox" checked={isChosen} onChange={onToggle} />
        <span>
          <Kind kind={work.kind} /> <span className="console-id">{work.entity_id}</span>
        </span>
      </label>
      <p className="console-words">
        <bdi>{work.why}</bdi>
      </p>
      <p className="console-numbers">
        {t("work.attempts", { count: work.attempts })}
        {work.failed_at && ` · ${fullTime(work.failed_at)}`}
        {work.can_retry !== work.can_discard && (
          <>
            <br />
            {t(work.can_retry ? "work.retry.only" : "work.discard.only")}
          </>
        )}
        {work.business_id && (
          <>
            <br />
            <Link to={`/admin/tenants/${work.business_id}`}>{t("work.tenant")}</Link>
          </>
        )}
      </p>
    </li>
  );
}
