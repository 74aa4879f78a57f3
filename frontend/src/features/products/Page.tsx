import { PlusOutlined } from "@ant-design/icons";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useCallback, useState } from "react";
import { useTranslation } from "react-i18next";
import { useLocation } from "react-router";
import type { Product } from "@/api/gen/model";
import { registerLive } from "@/realtime/apply";
import { useRights } from "@/shared/rights";
import { Button, ButtonLink, EmptyState, ErrorState, Loading, PageHead, Skeleton } from "@/shared/ui";
import { Filters } from "./Filters";
import { useProductFilter } from "./filter";
import { liveProducts, productList } from "./queries";
import { Row } from "./Row";
import "./products.css";

registerLive("products", liveProducts);

/** How often products are read again while somebody watches the assistant learn them. */
const WATCH_MS = 1_500;

export function Component() {
  const { t } = useTranslation("products");
  const { works } = useRights();
  const { search } = useLocation();
  const { filter, isFiltered, setFilter } = useProductFilter();
  return (
    <div className="cd-page">
      <PageHead title={t("title")}>
        {works ? (
          <ButtonLink
            to="/products/new"
            state={{ search }}
            look="primary"
            icon={<PlusOutlined aria-hidden="true" />}
          >
            {t("add")}
          </ButtonLink>
        ) : (
          <p className="cd-field-hint">{t("viewer")}</p>
        )}
      </PageHead>
      <Filters filter={filter} onChange={setFilter} />
      <List filter={filter} isFiltered={isFiltered} onClear={() => setFilter({ q: "", status: null })} />
    </div>
  );
}

function List({ filter, isFiltered, onClear }: ListProps) {
  const [waiting, setWaiting] = useState<ReadonlySet<string>>(new Set());
  const list = useInfiniteQuery({
    ...productList(filter),
    refetchInterval: waiting.size > 0 ? WATCH_MS : false,
  });
  const onWaiting = useCallback((id: string, isWaiting: boolean) => {
    setWaiting((before) => {
      if (before.has(id) === isWaiting) return before;
      const after = new Set(before);
      if (isWaiting) after.add(id);
      else after.delete(id);
      return after;
    });
  }, []);

  if (list.isPending) return <Waiting />;
  if (list.isError && list.data === undefined) {
    return <ErrorState error={list.error} onRetry={() => void list.refetch()} />;
  }
  const items = list.data.pages.flatMap((page) => page.items);
  if (items.length === 0 && !list.hasNextPage) return <Nothing isFiltered={isFiltered} onClear={onClear} />;
  return (
    <Items
      items={items}
      isOld={list.isPlaceholderData}
      onWaiting={onWaiting}
      hasMore={list.hasNextPage}
      isLoadingMore={list.isFetchingNextPage}
      onMore={() => void list.fetchNextPage()}
    />
  );
}

interface ListProps {
  filter: Parameters<typeof productList>[0];
  isFiltered: boolean;
  onClear: () => void;
}

function Items({ items, isOld, onWaiting, hasMore, isLoadingMore, onMore }: ItemsProps) {
  const { t } = useTranslation(["products", "common"]);
  return (
    <div aria-busy={isOld} className={isOld ? "product-old" : undefined}>
      <p className="product-count" role="status">
        {t(hasMore ? "products:shownMore" : "products:shown", { count: items.length })}
      </p>
      <ul className="product-list" aria-label={t("products:listLabel")}>
        {items.map((product) => (
          <Row key={product.id} product={product} onWaiting={onWaiting} />
        ))}
      </ul>
      {hasMore && (
        <div className="product-more">
          <Button busy={isLoadingMore} onClick={onMore}>
            {t("common:loadMore")}
          </Button>
        </div>
      )}
    </div>
  );
}

interface ItemsProps {
  items: readonly Product[];
  /** They belong to the filter before. */
  isOld: boolean;
  onWaiting: (id: string, waiting: boolean) => void;
  hasMore: boolean;
  isLoadingMore: boolean;
  onMore: () => void;
}

function Nothing({ isFiltered, onClear }: { isFiltered: boolean; onClear: () => void }) {
  const { t } = useTranslation("products");
  const { works } = useRights();
  if (isFiltered) {
    return (
      <EmptyState
        title={t("empty.filteredTitle")}
        text={t("empty.filteredText")}
        action={<Button onClick={onClear}>{t("empty.clear")}</Button>}
      />
    );
  }
  return (
    <EmptyState
      title={t("empty.title")}
      text={t("empty.text")}
      action={
        works && (
          <ButtonLink to="/products/new" look="primary">
            {t("add")}
          </ButtonLink>
        )
      }
    />
  );
}

function Waiting() {
  return (
    <Loading>
      <div className="product-list">
        {[70, 55, 80, 60, 65].map((width) => (
          <div key={width} className="product-row">
            <Skeleton width={56} height={56} />
            <div className="product-words">
              <Skeleton width={`${width}%`} />
              <Skeleton width="40%" height={12} style={{ marginTop: 8 }} />
            </div>
          </div>
        ))}
      </div>
    </Loading>
  );
}
