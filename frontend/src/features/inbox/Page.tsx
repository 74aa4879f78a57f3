import { useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import { registerLive } from "@/realtime/apply";
import { useConnection } from "@/realtime/connection";
import { sendViewing } from "@/realtime/live";
import { useMedia, WIDE } from "@/shared/media";
import { usePreferences } from "@/shared/preferences";
import { EmptyState } from "@/shared/ui";
import { useAddress, useDetails } from "./address";
import { ConversationView } from "./Conversation";
import { deliver, startCourier } from "./compose/courier";
import { inboxLive } from "./data/live";
import { ListPane } from "./list/ListPane";
import { LIST_PX, PANEL_PX } from "./panes";
import { Resizer } from "./Resizer";
import "./inbox.css";
import "./thread.css";
import "./composer.css";

registerLive("inbox", inboxLive);

/** The list, the thread and the details: side by side where there is room, else one after the other. */
export function Component() {
  const { t } = useTranslation("inbox");
  const { openId } = useAddress();
  const details = useDetails();
  const isWide = useMedia(WIDE);
  const panes = usePreferences((state) => state.panes);
  const screen = openId === null ? "list" : details.isOpen && !isWide ? "details" : "thread";
  useCourier();
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
          <EmptyState title={t("empty.pickTitle")} text={t("empty.pickText")} />
        </div>
      ) : (
        <ConversationView key={openId} id={openId} details={details} />
      )}
    </div>
  );
}

/** Sends what waits whenever it can get through. */
function useCourier(): void {
  const client = useQueryClient();
  const phase = useConnection((state) => state.phase);
  useEffect(() => startCourier(client), [client]);
  useEffect(() => {
    if (phase === "online") deliver(client);
  }, [client, phase]);
}
