import type { InfiniteData, UseInfiniteQueryResult } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import type { Channel, JournalItem, ListJournalItem } from "@/api/gen/model";
import { fullTime } from "@/shared/time";
import { Badge, Button, EmptyState, ErrorNote, ErrorState, Loading, Skeleton } from "@/shared/ui";
import { kindText, reasonText, TONES } from "./words";

/** The items, newest first. */
export function List({ list, channels, isFiltered, onClear, onOpen }: ListProps) {
  const { t } = useTranslation(["journal", "common"]);
  if (list.data === undefined) {
    if (list.isError) return <ErrorState error={list.error} onRetry={() => void list.refetch()} />;
    return <Waiting />;
  }
  const items = list.data.pages.flatMap((page) => page.items);
  if (items.length === 0) {
    return (
      <EmptyState
        title={t(isFiltered ? "journal:empty.filteredTitle" : "journal:empty.title")}
        text={t(isFiltered ? "journal:empty.filteredText" : "journal:empty.text")}
        action={isFiltered && <Button onClick={onClear}>{t("journal:empty.clear")}</Button>}
      />
    );
  }
  return (
    <div aria-busy={list.isPlaceholderData} className={list.isPlaceholderData ? "journal-old" : undefined}>
      <ul className="journal-list" aria-label={t("journal:listLabel")}>
        {items.map((item) => (
          <Row
            key={item.id}
            item={item}
            channel={channels.find(({ id }) => id === item.channel_id) ?? null}
            onOpen={() => onOpen(item.id)}
          />
        ))}
      </ul>
      {list.isError && <ErrorNote error={list.error} />}
      {list.hasNextPage && (
        <div className="journal-more">
          <Button busy={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
            {t(list.isFetchNextPageError ? "common:retry" : "common:loadMore")}
          </Button>
        </div>
      )}
    </div>
  );
}

interface ListProps {
  list: UseInfiniteQueryResult<InfiniteData<ListJournalItem>>;
  channels: readonly Channel[];
  isFiltered: boolean;
  onClear: () => void;
  onOpen: (id: string) => void;
}

function Row({ item, channel, onOpen }: { item: JournalItem; channel: Channel | null; onOpen: () => void }) {
  const { t } = useTranslation(["journal", "common"]);
  const { outcome } = item;
  return (
    <li className={outcome === "failed" ? "journal-row journal-row-failed" : "journal-row"}>
      <button type="button" className="journal-open" aria-haspopup="dialog" onClick={onOpen}>
        <span className="journal-kind">{kindText(t, item.kind)}</span>
        <span className="journal-channel">
          <bdi>{channel?.page_name ?? t("journal:gone")}</bdi>
        </span>
        <time className="journal-time" dateTime={item.created_at}>
          {fullTime(item.created_at)}
        </time>
        <span className="journal-outcome">
          <Badge tone={TONES[outcome]}>{t(`journal:outcome.${outcome}`)}</Badge>
        </span>
        <span className="journal-reason">{reasonText(t, item)}</span>
      </button>
    </li>
  );
}

function Waiting() {
  return (
    <Loading>
      <div className="journal-list">
        {["a", "b", "c", "d", "e", "f"].map((key) => (
          <Skeleton key={key} height={52} style={{ marginBottom: 8 }} />
        ))}
      </div>
    </Loading>
  );
}
