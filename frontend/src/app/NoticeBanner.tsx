import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import type { ListNotice } from "@/api/gen/model";
import { noticesQuery } from "@/api/notices";
import { useConnection } from "@/realtime/connection";
import { useRights } from "@/shared/rights";
import { clock, date } from "@/shared/time";

type Notice = ListNotice["items"][number];

/** What everybody of a business should know right now, on every page. */
export function NoticeBanner() {
  const { owns, visits } = useRights();
  useNewsOfHold();
  const notices = useQuery(noticesQuery).data ?? [];
  // Who visits knows of the visit.
  const looks = visits ? [] : notices.filter(({ kind }) => kind === "visit");
  return (
    <div role="status" className="app-banner-place">
      {notices
        .filter(({ kind }) => kind !== "visit")
        .map((notice) => (
          <p key={notice.kind} className="app-banner">
            <Words notice={notice} /> {notice.kind === "deletion" && owns && <TakeBack />}
          </p>
        ))}
      <Looks looks={looks} />
    </div>
  );
}

/** A socket that a business may not have for now, or has again: the notices say why. */
function useNewsOfHold(): void {
  const client = useQueryClient();
  const isHeld = useConnection(({ phase }) => phase === "suspended");
  const known = useRef(isHeld);
  useEffect(() => {
    if (known.current === isHeld) return;
    known.current = isHeld;
    void client.invalidateQueries({ queryKey: noticesQuery.queryKey });
  }, [client, isHeld]);
}

function Words({ notice }: { notice: Notice }) {
  const { t } = useTranslation("notices");
  if (notice.kind === "suspended") return t("notice.suspended", { reason: notice.reason ?? "" });
  return t("notice.deletion", { when: notice.until ? date(notice.until) : "" });
}

/** Admins who look at the business right now: one line however many they are, and each of them on demand. */
function Looks({ looks }: { looks: readonly Notice[] }) {
  const { t } = useTranslation("notices");
  const newest = [...looks].sort((one, other) => other.since.localeCompare(one.since));
  const last = newest[0];
  if (last === undefined) return null;
  const told = { until: ends(looks), reason: last.reason ?? "" };
  if (looks.length === 1) return <p className="app-banner">{t("notice.visit", told)}</p>;
  return (
    <details className="app-banner">
      <summary>{t("notice.visits", { ...told, count: looks.length })}</summary>
      <ul>
        {newest.map(({ since, until, reason }) => (
          <li key={since}>
            {clock(since)}–{until ? clock(until) : ""} · <bdi>{reason}</bdi>
          </li>
        ))}
      </ul>
    </details>
  );
}

/** When the last of them is over. */
function ends(looks: readonly Notice[]): string {
  const last = looks.map(({ until }) => until ?? "").reduce((one, other) => (one > other ? one : other));
  return last === "" ? "" : clock(last);
}

function TakeBack() {
  const { t } = useTranslation("notices");
  return <Link to="/settings/privacy">{t("notice.takeBack")}</Link>;
}
