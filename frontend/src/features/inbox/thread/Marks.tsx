import { AppstoreOutlined, HistoryOutlined, SelectOutlined, SyncOutlined } from "@ant-design/icons";
import { useTranslation } from "react-i18next";
import type { Message } from "@/api/gen/model";
import { fullTime } from "@/shared/time";

/** How a message came about, when it was not simply written: tapped, or sent by another app. */
export function Marks({ message }: { message: Message }) {
  const { t } = useTranslation("inbox");
  const context = message.context ?? null;
  if (context === null || message.deleted_at) return null;
  const isTapped = context.is_postback || (context.payload != null && message.sender_type === "contact");
  if (!isTapped && !context.is_other_app) return null;
  return (
    <p className="in-mark">
      {isTapped && (
        <span title={context.payload ?? undefined}>
          <SelectOutlined aria-hidden="true" />{" "}
          {context.is_postback ? t("message.postback") : t("message.quickReply")}
        </span>
      )}
      {context.is_other_app && (
        <span>
          <AppstoreOutlined aria-hidden="true" /> {t("message.otherApp")}
        </span>
      )}
    </p>
  );
}

/** From when a message is, when it did not come as it happened. */
export function Origin({ message }: { message: Message }) {
  const { t } = useTranslation("inbox");
  if (message.origin === "history")
    return (
      <span className="in-origin" title={t("message.historyText")}>
        · <HistoryOutlined aria-hidden="true" /> {t("message.history")}
      </span>
    );
  if (message.origin === "recovered")
    return (
      <span className="in-origin" title={t("message.recoveredText")}>
        · <SyncOutlined aria-hidden="true" /> {t("message.recovered")}
      </span>
    );
  return null;
}

export function Edited({ message }: { message: Message }) {
  const { t } = useTranslation("inbox");
  if (!message.edited_at || message.deleted_at) return null;
  return <span title={fullTime(message.edited_at)}>· {t("message.edited")}</span>;
}
