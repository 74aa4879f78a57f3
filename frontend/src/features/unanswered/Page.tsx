import { useInfiniteQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { AssistantNav } from "@/shared/AssistantNav";
import { useRights } from "@/shared/rights";
import {
  Button,
  ButtonLink,
  EmptyState,
  ErrorNote,
  ErrorState,
  Loading,
  PageHead,
  Skeleton,
} from "@/shared/ui";
import { Question } from "./Question";
import { unansweredList } from "./queries";
import "./unanswered.css";

/** What customers asked and the assistant could not answer; each can become something it knows. */
export function Component() {
  const { t } = useTranslation("unanswered");
  const { manages } = useRights();
  return (
    <div className="cd-page unans-page">
      <PageHead title={t("title")} />
      <AssistantNav />
      <p className="unans-intro">{manages ? t("intro") : `${t("intro")} ${t("viewer")}`}</p>
      <List />
    </div>
  );
}

function List() {
  const { t } = useTranslation(["unanswered", "common"]);
  const { works } = useRights();
  const list = useInfiniteQuery(unansweredList);
  if (list.isPending) return <Waiting />;
  if (list.isError && list.data === undefined) {
    return <ErrorState error={list.error} onRetry={() => void list.refetch()} />;
  }
  const items = list.data.pages.flatMap((page) => page.items);
  if (items.length === 0 && !list.hasNextPage) {
    return (
      <EmptyState
        title={t("unanswered:empty.title")}
        text={t("unanswered:empty.text")}
        action={works && <ButtonLink to="/preview">{t("unanswered:empty.action")}</ButtonLink>}
      />
    );
  }
  const moreError = list.isFetchNextPageError ? list.error : null;
  return (
    <>
      <ul className="unans-list" aria-label={t("unanswered:listLabel")}>
        {items.map((one) => (
          <Question key={one.id} one={one} />
        ))}
      </ul>
      {list.hasNextPage && (
        <div className="unans-more">
          <ErrorNote error={moreError} />
          <Button busy={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
            {t(moreError === null ? "common:loadMore" : "common:retry")}
          </Button>
        </div>
      )}
    </>
  );
}

function Waiting() {
  return (
    <Loading>
      <div className="unans-list">
        {[70, 50, 80].map((width) => (
          <div key={width} className="unans-row">
            <Skeleton width={`${width}%`} />
            <Skeleton width="40%" height={12} style={{ marginTop: 8 }} />
          </div>
        ))}
      </div>
    </Loading>
  );
}
