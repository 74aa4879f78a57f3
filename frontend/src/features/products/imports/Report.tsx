import { useInfiniteQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import type { Import, ImportOutcome, ListImportRowItemsItem as ImportRow } from "@/api/gen/model";
import { number } from "@/shared/money";
import { Button, ErrorNote, ErrorState, Loading, Skeleton, Tabs } from "@/shared/ui";
import { importRows } from "./queries";
import { fieldText, rowErrorText } from "./words";

const OUTCOMES: ImportOutcome[] = ["refused", "added", "updated", "unchanged"];

/** What became of each product of the file; what was refused comes first. */
export function Report({ found }: { found: Import }) {
  const { t } = useTranslation("imports");
  const there = OUTCOMES.filter((outcome) => found[outcome] > 0);
  const [wanted, setWanted] = useState<ImportOutcome | null>(null);
  const outcome = wanted !== null && there.includes(wanted) ? wanted : there[0];
  if (outcome === undefined) return null;
  return (
    <div className="cd-stack imports-report">
      <Tabs
        legend={t("report")}
        tabs={there.map((value) => ({ value, label: `${t(`outcome.${value}`)} (${number(found[value])})` }))}
        value={outcome}
        onChange={setWanted}
      />
      <Rows key={outcome} found={found} outcome={outcome} />
    </div>
  );
}

function Rows({ found, outcome }: { found: Import; outcome: ImportOutcome }) {
  const { t } = useTranslation(["imports", "common"]);
  const rows = useInfiniteQuery(importRows(found.id, outcome));
  if (rows.isPending) {
    return (
      <Loading>
        <Skeleton height={60} />
      </Loading>
    );
  }
  if (rows.isError && rows.data === undefined) {
    return <ErrorState error={rows.error} onRetry={() => void rows.refetch()} />;
  }
  const items = rows.data.pages.flatMap((page) => page.items);
  return (
    <>
      <ul className="imports-rows" aria-label={t("imports:report")}>
        {items.map((row) => (
          <Row key={row.line} row={row} isWritten={!found.dry_run} />
        ))}
      </ul>
      {rows.hasNextPage && (
        <div className="product-more">
          <ErrorNote error={rows.isFetchNextPageError ? rows.error : null} />
          <Button busy={rows.isFetchingNextPage} onClick={() => void rows.fetchNextPage()}>
            {t("common:loadMore")}
          </Button>
        </div>
      )}
    </>
  );
}

function Row({ row, isWritten }: { row: ImportRow; isWritten: boolean }) {
  const { t } = useTranslation("imports");
  const name = <bdi>{row.name === "" ? t("unnamed") : row.name}</bdi>;
  const isThere =
    row.product_id != null && (isWritten || row.outcome !== "added") && row.outcome !== "refused";
  return (
    <li>
      <span className="imports-line">{t("line", { line: number(row.line) })}</span>
      <div>
        {isThere ? <Link to={`/products/${row.product_id}`}>{name}</Link> : <strong>{name}</strong>}
        {row.errors.length > 0 && (
          <ul>
            {row.errors.map((error) => (
              <li key={`${error.line} ${error.field} ${error.code}`}>
                {error.line !== row.line && `${t("line", { line: number(error.line) })} · `}
                <span className="imports-field">{fieldText(error.field)}:</span> {rowErrorText(error)}
              </li>
            ))}
          </ul>
        )}
      </div>
    </li>
  );
}
