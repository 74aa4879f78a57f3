import type { InfiniteData, UseInfiniteQueryResult } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "./Button";
import { EmptyState, ErrorNote, ErrorState, Loading, Skeleton } from "./states";

/** A list that comes in pages: all that is loaded, the way to more, and what stands there without it. */
export function Paged<T>({ list, empty, emptyText, children }: PagedProps<T>) {
  const { t } = useTranslation();
  if (list.data === undefined) {
    if (list.isError) return <ErrorState error={list.error} onRetry={() => void list.refetch()} />;
    return (
      <Loading>
        <div className="cd-stack">
          {["a", "b", "c", "d"].map((key) => (
            <Skeleton key={key} height={56} />
          ))}
        </div>
      </Loading>
    );
  }
  const items = list.data.pages.flatMap((page) => page.items);
  if (items.length === 0) return <EmptyState title={empty} text={emptyText} />;
  return (
    <div aria-busy={list.isPlaceholderData} className="cd-stack">
      {children(items)}
      {list.isError && <ErrorNote error={list.error} />}
      {list.hasNextPage && (
        <div className="cd-row">
          <Button busy={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
            {t(list.isFetchNextPageError ? "retry" : "loadMore")}
          </Button>
        </div>
      )}
    </div>
  );
}

interface PagedProps<T> {
  list: UseInfiniteQueryResult<InfiniteData<{ items: T[] }>>;
  empty: string;
  emptyText?: string;
  children: (items: T[]) => ReactNode;
}
