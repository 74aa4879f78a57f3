import { PlusOutlined } from "@ant-design/icons";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { useLocation, useNavigate } from "react-router";
import type { FileFormat, Product } from "@/api/gen/model";
import { registerLive } from "@/realtime/apply";
import { useRights } from "@/shared/rights";
import {
  Button,
  ButtonLink,
  EmptyState,
  ErrorNote,
  ErrorState,
  Loading,
  Menu,
  PageHead,
  Skeleton,
} from "@/shared/ui";
import { useExport } from "./export";
import { Filters } from "./Filters";
import { useProductFilter } from "./filter";
import { liveProducts, NO_FILTER, productList } from "./queries";
import { Row } from "./Row";
import { useWatch } from "./watch";
import "./products.css";

registerLive("products", liveProducts);

export function Component() {
  const { t } = useTranslation("products");
  const { works, visits } = useRights();
  const { search } = useLocation();
  const { filter, isFiltered, setFilter } = useProductFilter();
  return (
    <div className="cd-page">
      <PageHead title={t("title")}>
        <div className="product-head">
          {!works && <p className="cd-field-hint">{t("viewer")}</p>}
          {!visits && <Files works={works} />}
          {works && (
            <ButtonLink
              to="/products/new"
              state={{ search }}
              look="primary"
              icon={<PlusOutlined aria-hidden="true" />}
            >
              {t("add")}
            </ButtonLink>
          )}
        </div>
      </PageHead>
      <Filters filter={filter} onChange={setFilter} />
      <List filter={filter} isFiltered={isFiltered} onClear={() => setFilter(NO_FILTER)} />
    </div>
  );
}

/** Files of products: brought in, and taken out. */
function Files({ works }: { works: boolean }) {
  const { t } = useTranslation("products");
  const navigate = useNavigate();
  const file = useExport();
  const save = (format: FileFormat) => ({
    key: format,
    label: t(`files.${format}`),
    onSelect: () => {
      if (!file.isPending) file.mutate(format);
    },
  });
  const bring = {
    key: "import",
    label: t("files.import"),
    onSelect: () => void navigate("/products/import"),
  };
  return (
    <Menu
      align="end"
      button={{ children: t("files.menu") }}
      entries={[...(works ? [bring] : []), save("csv"), save("xlsx")]}
    />
  );
}

function List({ filter, isFiltered, onClear }: ListProps) {
  const { onWaiting, refetchInterval } = useWatch();
  const list = useInfiniteQuery({ ...productList(filter), refetchInterval });

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
      moreError={list.isFetchNextPageError ? list.error : null}
      onMore={() => void list.fetchNextPage()}
    />
  );
}

interface ListProps {
  filter: Parameters<typeof productList>[0];
  isFiltered: boolean;
  onClear: () => void;
}

function Items({ items, isOld, onWaiting, hasMore, isLoadingMore, moreError, onMore }: ItemsProps) {
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
          <ErrorNote error={moreError} />
          <Button busy={isLoadingMore} onClick={onMore}>
            {t(moreError === null ? "common:loadMore" : "common:retry")}
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
  /** Why the next page did not come. */
  moreError: unknown;
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
          <div className="product-head">
            <ButtonLink to="/products/import">{t("files.import")}</ButtonLink>
            <ButtonLink to="/products/new" look="primary">
              {t("add")}
            </ButtonLink>
          </div>
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
