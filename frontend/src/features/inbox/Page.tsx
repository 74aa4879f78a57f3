import { useInfiniteQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import { useSearchParams } from "react-router";
import { registerLive } from "@/realtime/apply";
import { sendViewing } from "@/realtime/live";
import { useMedia, WIDE } from "@/shared/media";
import { usePreferences } from "@/shared/preferences";
import { EmptyState } from "@/shared/ui";
import { useAddress, useDetails } from "./address";
import { ConversationView } from "./Conversation";
import { listOptions } from "./data/conversations";
import { inboxLive } from "./data/live";
import { readWanted } from "./data/wanted";
import { ListPane } from "./list/ListPane";
import { LIST_PX, PANEL_PX } from "./panes";
import { Resizer } from "./Resizer";
import "./inbox.css";
import "./thread.css";
import "./composer.css";

registerLive("inbox", inboxLive);

/** In place of a conversation: to choose one, where there is one to choose. */
function Pick() {
  const { t } = useTranslation("inbox");
  const [params] = useSearchParams();
  const { data } = useInfiniteQuery(listOptions(readWanted(params)));
  const isEmpty = data?.pages.every(({ items }) => items.length === 0) ?? false;
  if (isEmpty) return <EmptyState title={t("empty.pickNone")} />;
  return <EmptyState title={t("empty.pickTitle")} text={t("empty.pickText")} />;
}

/** The list, the thread and the details: side by side where there is room, else one after the other. */
export function Component() {
  const { t } = useTranslation("inbox");
  const { openId } = useAddress();
  const details = useDetails();
  const isWide = useMedia(WIDE);
  const panes = usePreferences((state) => state.panes);
  const screen = openId === null ? "list" : details.isOpen && !isWide ? "details" : "thread";
  useEffect(() => {
    sendViewing(openId);
    return () => sendViewing(null);
  }, [openId]);
  return (
    <div
      className="in"
      data-screen={screen}
      style={{
        "--in-list": `${panes[LIST_PX.name] ?? LIST_PX.usual}px`,
        "--in-panel": `${panes[PANEL_PX.name] ?? PANEL_PX.usual}px`,
      }}
    >
      <title>{`${t("title")} · ChatDesk`}</title>
      <h1 className="cd-hidden">{t("title")}</h1>
      <section className="in-list" aria-label={t("title")}>
        <ListPane openId={openId} />
      </section>
      <Resizer bounds={LIST_PX} label={t("panel.resizeList")} growsTo="end" />
      {openId === null ? (
        <div className="in-thread in-pick">
          <Pick />
        </div>
      ) : (
        <ConversationView key={openId} id={openId} details={details} />
      )}
    </div>
  );
}
