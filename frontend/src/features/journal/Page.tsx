import { useInfiniteQuery, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { channelsQuery } from "@/api/queries";
import { useRights } from "@/shared/rights";
import { Button, ButtonLink, EmptyState, PageHead } from "@/shared/ui";
import { Detail } from "./Detail";
import { Filters } from "./Filters";
import { useJournalFilter } from "./filter";
import { List } from "./List";
import { JOURNAL, journalList, redriveCount, summaryQuery } from "./queries";
import { RedriveDialog } from "./RedriveDialog";
import { Summary } from "./Summary";
import "./journal.css";

/** What Meta sent and what became of it, for owners and managers. */
export function Component() {
  const { t } = useTranslation("journal");
  const { manages } = useRights();
  return (
    <div className="cd-page">
      <PageHead title={t("title")}>
        <ButtonLink to="/channels">{t("back")}</ButtonLink>
      </PageHead>
      {manages ? (
        <Journal />
      ) : (
        <EmptyState
          title={t("notAllowed.title")}
          text={t("notAllowed.text")}
          action={<ButtonLink to="/inbox">{t("notAllowed.inbox")}</ButtonLink>}
        />
      )}
    </div>
  );
}

function Journal() {
  const { t } = useTranslation("journal");
  const client = useQueryClient();
  const { filter, zone, item, change } = useJournalFilter();
  const [asks, setAsks] = useState(false);
  const list = useInfiniteQuery(journalList(filter, zone));
  const summary = useQuery(summaryQuery(filter.period, zone));
  const channels = useQuery(channelsQuery).data ?? [];
  const count = redriveCount(summary.data?.outcomes, filter);
  const isReading = list.isFetching || summary.isFetching;
  return (
    <>
      <p className="journal-intro">{t("intro")}</p>
      <Filters filter={filter} zone={zone} channels={channels} onChange={change} />
      <Summary
        summary={summary}
        channels={channels}
        chosen={filter.outcome}
        onChoose={(outcome) => change({ outcome })}
      />
      <div className="cd-row journal-actions">
        <Button busy={isReading} onClick={() => void client.invalidateQueries({ queryKey: JOURNAL })}>
          {t("refresh")}
        </Button>
        <Button disabled={count === 0} onClick={() => setAsks(true)}>
          {t("redrive.period")}
        </Button>
      </div>
      <List
        list={list}
        channels={channels}
        isFiltered={filter.outcome !== null || filter.channel !== null}
        onClear={() => change({ outcome: null, channel: null })}
        onOpen={(id) => change({ item: id })}
      />
      {item !== null && <Detail id={item} channels={channels} onClose={() => change({ item: null })} />}
      {asks && (
        <RedriveDialog
          filter={filter}
          zone={zone}
          count={count}
          channels={channels}
          onClose={() => setAsks(false)}
        />
      )}
    </>
  );
}
