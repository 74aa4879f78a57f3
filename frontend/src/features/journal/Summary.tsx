import type { UseQueryResult } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import type { Channel, ChannelSync, ItemOutcome, JournalSummary } from "@/api/gen/model";
import { number } from "@/shared/money";
import { fullTime } from "@/shared/time";
import { Button, ErrorState, Loading, Skeleton } from "@/shared/ui";
import { OUTCOMES } from "./filter";
import { syncText } from "./words";

/** What came of the period, and how each channel compares with what Meta keeps. */
export function Summary({ summary, channels, chosen, onChoose }: SummaryProps) {
  const { t } = useTranslation("journal");
  const { data, error, refetch, isPlaceholderData } = summary;
  if (data === undefined) {
    if (error !== null) return <ErrorState error={error} onRetry={() => void refetch()} />;
    return (
      <Loading>
        <Skeleton height={64} />
      </Loading>
    );
  }
  const count = (outcome: ItemOutcome) => data.outcomes.find((one) => one.outcome === outcome)?.count ?? 0;
  const failed = count("failed");
  const shown = OUTCOMES.filter((outcome) => count(outcome) > 0 || outcome === chosen);
  return (
    <div aria-busy={isPlaceholderData} className={isPlaceholderData ? "journal-old" : undefined}>
      {failed > 0 && chosen !== "failed" && (
        <div className="cd-alert cd-tint-error journal-dead" role="status">
          <span>{t("dead", { count: failed })}</span>
          <Button small onClick={() => onChoose("failed")}>
            {t("deadShow")}
          </Button>
        </div>
      )}
      <ul className="journal-counts" aria-label={t("countsLabel")}>
        {shown.map((outcome) => (
          <li key={outcome}>
            <button
              type="button"
              className={outcome === "failed" ? "journal-count journal-count-failed" : "journal-count"}
              aria-pressed={outcome === chosen}
              onClick={() => onChoose(outcome === chosen ? null : outcome)}
            >
              <strong>{number(count(outcome))}</strong> {t(`outcome.${outcome}`)}
            </button>
          </li>
        ))}
      </ul>
      {data.channels.length > 0 && (
        <ul className="journal-syncs" aria-label={t("sync.label")}>
          {data.channels.map((sync) => (
            <Sync
              key={sync.channel_id}
              sync={sync}
              channel={channels.find(({ id }) => id === sync.channel_id) ?? null}
            />
          ))}
        </ul>
      )}
    </div>
  );
}

interface SummaryProps {
  summary: UseQueryResult<JournalSummary>;
  channels: readonly Channel[];
  chosen: ItemOutcome | null;
  onChoose: (outcome: ItemOutcome | null) => void;
}

function Sync({ sync, channel }: { sync: ChannelSync; channel: Channel | null }) {
  const { t } = useTranslation(["journal", "common"]);
  const { synced_to: until, history_count: history, recovered_count: recovered, last_error: error } = sync;
  return (
    <li className="cd-card journal-sync">
      <p className="journal-sync-name">
        <bdi>{channel?.page_name ?? t("journal:gone")}</bdi>
        {channel !== null && <> · {t(`common:platforms.${channel.platform}`)}</>}
      </p>
      <p>{until ? t("journal:sync.until", { when: fullTime(until) }) : t("journal:sync.running")}</p>
      <p>
        {t("journal:sync.history", { count: history, shown: number(history) })} ·{" "}
        {t("journal:sync.recovered", { count: recovered, shown: number(recovered) })}
      </p>
      {error && <p className="journal-sync-error">{syncText(t, error)}</p>}
    </li>
  );
}
