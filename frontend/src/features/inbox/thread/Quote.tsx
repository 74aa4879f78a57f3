import { EnterOutlined } from "@ant-design/icons";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Message } from "@/api/gen/model";
import { safeUrl } from "@/shared/text";
import { VisuallyHidden } from "@/shared/ui";
import { messagesOptions } from "../data/messages";
import { excerpt } from "../words";

/** What a message answers; a click goes there, however far away it is. */
export function Quote({ message, onGoTo }: { message: Message; onGoTo: (id: string) => void }) {
  const { t } = useTranslation(["inbox", "common"]);
  const id = message.context?.reply_to_id ?? null;
  // The thread asks for them; here they are only read.
  const { data } = useInfiniteQuery({ ...messagesOptions(message.conversation_id), enabled: false });
  if (id === null) return null;
  const quoted = data?.pages.flatMap(({ items }) => items).find((one) => one.id === id);
  const who = quoted && (quoted.sender_type === "contact" ? t("quote.customer") : t("quote.shop"));
  return (
    <button type="button" className="in-quote" onClick={() => onGoTo(id)}>
      <VisuallyHidden>{t("quote.goTo")}: </VisuallyHidden>
      <span className="in-quote-who">
        <EnterOutlined aria-hidden="true" /> {who ?? t("quote.title")}
      </span>
      <span className="in-quote-text" dir="auto">
        {quoted ? excerpt(quoted, t) : t("quote.far")}
      </span>
    </button>
  );
}

/** The story that a customer answers or mentions: a picture as long as Meta shows it, words after. */
export function Story({ message }: { message: Message }) {
  const { t } = useTranslation("inbox");
  const [isGone, setGone] = useState(false);
  if (!message.context?.is_story) return null;
  const mention = message.attachments.find(({ kind }) => kind === "story_mention");
  const url = safeUrl(message.context.story_url ?? mention?.url);
  return (
    <div className="in-story">
      {url !== null && !isGone && (
        <a href={url} target="_blank" rel="noopener noreferrer nofollow" aria-label={t("story.open")}>
          <img
            src={url}
            alt=""
            width={72}
            height={128}
            loading="lazy"
            referrerPolicy="no-referrer"
            onError={() => setGone(true)}
          />
        </a>
      )}
      <span>
        {mention ? t("story.mention") : t("story.reply")}
        {(url === null || isGone) && <small>{t("story.gone")}</small>}
      </span>
    </div>
  );
}
