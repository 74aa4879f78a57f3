import type { InfiniteData, UseInfiniteQueryResult } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import type { ListAuditRecord } from "@/api/gen/model";
import { fullTime } from "@/shared/time";
import { Paged } from "@/shared/ui/Paged";
import { actionText, actorText } from "./words";
import "./audit.css";

type AuditRecord = ListAuditRecord["items"][number];

/** What was recorded, newest first. */
export function AuditList({ list }: { list: UseInfiniteQueryResult<InfiniteData<ListAuditRecord>> }) {
  const { t } = useTranslation("audit");
  return (
    <Paged list={list} empty={t("none")} emptyText={t("noneText")}>
      {(items) => (
        <ol className="audit-list" aria-label={t("listLabel")}>
          {items.map((record) => (
            <Row key={record.n} record={record} />
          ))}
        </ol>
      )}
    </Paged>
  );
}

function Row({ record }: { record: AuditRecord }) {
  const { t } = useTranslation("audit");
  const { before, after } = record;
  return (
    <li className="audit-row">
      <p className="audit-what">
        <strong>{actionText(t, record.action)}</strong>
        <span>
          <bdi>{actorText(t, record)}</bdi>
          {record.acting_as && ` (${record.acting_as})`}
        </span>
        <time dateTime={record.at}>{fullTime(record.at)}</time>
      </p>
      <details>
        <summary>{t("details", { n: record.n })}</summary>
        <dl className="audit-facts">
          <dt>{t("object")}</dt>
          <dd>{record.object}</dd>
          {before && (
            <>
              <dt>{t("before")}</dt>
              <dd>{JSON.stringify(before)}</dd>
            </>
          )}
          {after && (
            <>
              <dt>{t("after")}</dt>
              <dd>{JSON.stringify(after)}</dd>
            </>
          )}
          {record.address && (
            <>
              <dt>{t("address")}</dt>
              <dd>{record.address}</dd>
            </>
          )}
          <dt>{t("hash")}</dt>
          <dd>{record.hash}</dd>
        </dl>
      </details>
    </li>
  );
}
