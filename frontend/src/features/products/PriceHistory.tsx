import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { ListPriceChangeItemsItem as PriceChange } from "@/api/gen/model";
import { membersQuery } from "@/api/queries";
import { money } from "@/shared/money";
import { fullTime } from "@/shared/time";
import { Button, ErrorNote, ErrorState, Loading, Skeleton } from "@/shared/ui";
import { priceChanges } from "./queries";

/** What a product and its forms cost before. Read when somebody opens it. */
export function PriceHistory({ id }: { id: string }) {
  const { t } = useTranslation("products");
  const [open, setOpen] = useState(false);
  return (
    <details className="product-history" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{t("history.title")}</summary>
      {open && <Changes id={id} />}
    </details>
  );
}

function Changes({ id }: { id: string }) {
  const { t } = useTranslation(["products", "common"]);
  const changes = useInfiniteQuery(priceChanges(id));
  if (changes.isPending) {
    return (
      <Loading>
        <Skeleton height={44} />
      </Loading>
    );
  }
  if (changes.isError && changes.data === undefined) {
    return <ErrorState error={changes.error} onRetry={() => void changes.refetch()} />;
  }
  const items = changes.data.pages.flatMap((page) => page.items);
  if (items.length === 0) return <p className="cd-field-hint">{t("products:history.none")}</p>;
  return (
    <>
      <ol className="product-changes" aria-label={t("products:history.title")}>
        {items.map((change) => (
          <Change key={change.id} change={change} />
        ))}
      </ol>
      {changes.hasNextPage && (
        <>
          <ErrorNote error={changes.isFetchNextPageError ? changes.error : null} />
          <Button small busy={changes.isFetchingNextPage} onClick={() => void changes.fetchNextPage()}>
            {t("common:loadMore")}
          </Button>
        </>
      )}
    </>
  );
}

function Change({ change }: { change: PriceChange }) {
  const { t } = useTranslation("products");
  const { data: members } = useQuery(membersQuery);
  const who = members?.find((member) => member.id === change.changed_by)?.name ?? null;
  const shown = (amount: string | null | undefined, currency: string) =>
    amount == null ? t("history.ofProduct") : money(amount, currency);
  return (
    <li>
      <span className="product-change-what">
        {change.variant != null && <bdi>{change.variant}</bdi>}
        <span>
          <s>
            <span className="cd-hidden">{t("history.before")} </span>
            {shown(change.old_price, change.old_currency)}
          </s>{" "}
          <span aria-hidden="true">→</span>{" "}
          <strong>
            <span className="cd-hidden">{t("history.after")} </span>
            {shown(change.price, change.currency)}
          </strong>
        </span>
      </span>
      <span className="cd-field-hint">
        <time dateTime={change.changed_at}>{fullTime(change.changed_at)}</time>
        {who !== null && (
          <>
            {" · "}
            <bdi>{who}</bdi>
          </>
        )}
        {change.source === "import" && ` · ${t("history.import")}`}
      </span>
    </li>
  );
}
