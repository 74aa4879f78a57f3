import { useInfiniteQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { Entry } from "@/api/gen/model";
import { Button, EmptyState, ErrorNote, ErrorState, Loading, Skeleton } from "@/shared/ui";
import { type EntryFilter, entryList } from "./queries";
import { Row } from "./Row";

export function List({ filter, isFiltered, add, onClear, onEdit }: ListProps) {
  const { t } = useTranslation(["knowledge", "common"]);
  const list = useInfiniteQuery(entryList(filter));
  if (list.isPending) return <Waiting />;
  if (list.isError && list.data === undefined) {
    return <ErrorState error={list.error} onRetry={() => void list.refetch()} />;
  }
  const items = list.data.pages.flatMap((page) => page.items);
  if (items.length === 0 && !list.hasNextPage) {
    return isFiltered ? (
      <EmptyState
        title={t("knowledge:empty.filteredTitle")}
        text={t("knowledge:empty.filteredText")}
        action={<Button onClick={onClear}>{t("knowledge:empty.clear")}</Button>}
      />
    ) : (
      <EmptyState title={t("knowledge:empty.title")} text={t("knowledge:empty.text")} action={add} />
    );
  }
  const moreError = list.isFetchNextPageError ? list.error : null;
  return (
    <div aria-busy={list.isPlaceholderData} className={list.isPlaceholderData ? "know-old" : undefined}>
      <p className="know-count" role="status">
        {t(list.hasNextPage ? "knowledge:shownMore" : "knowledge:shown", { count: items.length })}
      </p>
      <ul className="know-list" aria-label={t("knowledge:listLabel")}>
        {items.map((entry) => (
          <Row key={entry.id} entry={entry} onEdit={() => onEdit(entry)} />
        ))}
      </ul>
      {list.hasNextPage && (
        <div className="know-more">
          <ErrorNote error={moreError} />
          <Button busy={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
            {t(moreError === null ? "common:loadMore" : "common:retry")}
          </Button>
        </div>
      )}
    </div>
  );
}

interface ListProps {
  filter: EntryFilter;
  isFiltered: boolean;
  /** The way to the first entry. */
  add: ReactNode;
  onClear: () => void;
  onEdit: (entry: Entry) => void;
}

function Waiting() {
  return (
    <Loading>
      <div className="know-list">
        {[70, 55, 80, 60].map((width) => (
          <div key={width} className="know-row">
            <div className="know-words">
              <Skeleton width={80} height={14} />
              <Skeleton width={`${width}%`} style={{ marginTop: 8 }} />
              <Skeleton width="40%" height={12} style={{ marginTop: 8 }} />
            </div>
          </div>
        ))}
      </div>
    </Loading>
  );
}
