import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { isNotFound } from "@/api/error";
import type { Outcome, Replay } from "@/api/gen/model";
import { clock, date } from "@/shared/time";
import { EmptyState, ErrorState, Loading, Skeleton, Tabs } from "@/shared/ui";
import { Item } from "./Item";
import { countOf, OUTCOMES, replayQuery, withOutcome } from "./queries";

/** What came of a run, as far as it is. */
export function Report({ id }: { id: string }) {
  const { t } = useTranslation("replay");
  const { data, error, refetch } = useQuery(replayQuery(id));
  if (data === undefined) {
    if (error === null) return <Waiting />;
    if (isNotFound(error)) return <p className="cd-alert cd-tint-warning">{t("gone")}</p>;
    return <ErrorState error={error} onRetry={() => void refetch()} />;
  }
  return (
    <>
      <State replay={data} />
      {data.items.length > 0 && <Items key={id} replay={data} />}
    </>
  );
}

function State({ replay }: { replay: Replay }) {
  const { t } = useTranslation("replay");
  const { state, total, items, ended_at, created_at } = replay;
  const done = items.length;
  const at = ended_at ?? created_at;
  if (state === "running") {
    return (
      <div className="replay-running">
        <p>{t("running", { done, total })}</p>
        <progress max={Math.max(1, total)} value={done} aria-label={t("progress")} />
      </div>
    );
  }
  if (state === "failed") return <p className="cd-alert cd-tint-error replay-failed">{t("failed")}</p>;
  if (total === 0) return <EmptyState title={t("empty.noneTitle")} text={t("empty.noneText")} />;
  return (
    <p className="replay-done" role="status">
      {t("done", { count: done, when: `${clock(at)} ${date(at)}` })}
    </p>
  );
}

function Items({ replay }: { replay: Replay }) {
  const { t } = useTranslation("replay");
  const [outcome, setOutcome] = useState<Outcome | null>(null);
  const counts = countOf(replay);
  const shown = withOutcome(replay, outcome);
  return (
    <>
      <Tabs
        legend={t("filterLabel")}
        tabs={(["all", ...OUTCOMES] as const).map((value) => ({
          value,
          label: t(`filters.${value}`, { count: counts[value] }),
        }))}
        value={outcome ?? "all"}
        onChange={(value) => setOutcome(value === "all" ? null : value)}
      />
      {shown.length === 0 ? (
        <EmptyState title={t("empty.filteredTitle")} />
      ) : (
        <ol className="replay-list" aria-label={t("listLabel")}>
          {shown.map((item) => (
            <Item key={item.conversation_id} item={item} />
          ))}
        </ol>
      )}
    </>
  );
}

function Waiting() {
  return (
    <Loading>
      <div className="cd-stack">
        <Skeleton width={240} />
        <Skeleton height={110} />
        <Skeleton height={110} />
      </div>
    </Loading>
  );
}
