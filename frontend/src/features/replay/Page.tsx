import { useQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import { Navigate, useParams } from "react-router";
import { isNotFound } from "@/api/error";
import { AssistantNav } from "@/shared/AssistantNav";
import { useRights } from "@/shared/rights";
import { Badge, EmptyState, PageHead } from "@/shared/ui";
import { keepReplay, lastReplay } from "./last";
import { replayQuery } from "./queries";
import { Report } from "./Report";
import { Start } from "./Start";
import "./replay.css";

/** What the assistant would say today to what customers asked. */
export function Component() {
  const { t } = useTranslation("replay");
  const { manages } = useRights();
  const { id } = useParams();
  const last = id === undefined && manages ? lastReplay() : null;
  if (last !== null) return <Navigate to={`/replay/${last}`} replace />;
  return (
    <div className="cd-page replay-page">
      <PageHead title={t("title")} />
      <AssistantNav />
      {manages ? <Managed id={id ?? null} /> : <p className="cd-alert">{t("manageOnly")}</p>}
    </div>
  );
}

function Managed({ id }: { id: string | null }) {
  const { t } = useTranslation("replay");
  const { data, error } = useQuery({ ...replayQuery(id ?? ""), enabled: id !== null });
  const isGone = isNotFound(error);
  const isThere = data !== undefined;
  useEffect(() => {
    // What was opened by its address is the last one, too; one that is gone is not looked for again.
    if (isGone) keepReplay(null);
    else if (id !== null && isThere) keepReplay(id);
  }, [id, isGone, isThere]);
  return (
    <>
      <p className="replay-intro">
        <Badge tone="info">{t("notSent")}</Badge> {t("intro")}
      </p>
      <Start isRunning={data?.state === "running"} hasRun={isThere} />
      {id === null ? <EmptyState title={t("empty.title")} text={t("empty.text")} /> : <Report id={id} />}
    </>
  );
}
