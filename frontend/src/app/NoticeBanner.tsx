import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import type { ListNotice } from "@/api/gen/model";
import { noticesQuery } from "@/api/notices";
import { useConnection } from "@/realtime/connection";
import { useRights } from "@/shared/rights";
import { date, fullTime } from "@/shared/time";

type Notice = ListNotice["items"][number];

/** What everybody of a business should know right now, on every page. */
export function NoticeBanner() {
  const { owns, visits } = useRights();
  useNewsOfHold();
  const notices = useQuery(noticesQuery).data ?? [];
  // Who visits knows of the visit.
  const shown = notices.filter(({ kind }) => !(visits && kind === "visit"));
  return (
    <div role="status" className="app-banner-place">
      {shown.map((notice) => (
        <p key={`${notice.kind} ${notice.since}`} className="app-banner">
          <Words notice={notice} /> {notice.kind === "deletion" && owns && <TakeBack />}
        </p>
      ))}
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
  const reason = notice.reason ?? "";
  if (notice.kind === "suspended") return t("notice.suspended", { reason });
  if (notice.kind === "deletion") {
    return t("notice.deletion", { when: notice.until ? date(notice.until) : "" });
  }
  return t("notice.visit", { until: notice.until ? fullTime(notice.until) : "", reason });
}

function TakeBack() {
  const { t } = useTranslation("notices");
  return <Link to="/settings/privacy">{t("notice.takeBack")}</Link>;
}
