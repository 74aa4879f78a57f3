import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Message } from "@/api/gen/model";
import { excerpt } from "../words";
import { newsSince } from "./rows";

interface Props {
  /** The oldest first; null while they are not loaded. */
  messages: readonly Message[] | null;
  name: string;
}

/** Says new messages of others to screen readers. The thread itself is silent: it would read out every scroll. */
export function Announcer({ messages, name }: Props) {
  const { t } = useTranslation(["inbox", "common"]);
  const [text, setText] = useState("");
  /** The newest message that was there; undefined until it is known, null when there was none. */
  const last = useRef<string | null>(undefined);
  useEffect(() => {
    if (messages === null) return;
    const news = last.current === undefined ? [] : newsSince(messages, last.current);
    last.current = messages.at(-1)?.id ?? null;
    const newest = news.at(-1);
    if (newest === undefined) return;
    const from = newest.sender_type === "ai" ? t("assistant") : name;
    const said = t("thread.announce", { name: from, text: excerpt(newest, t) });
    setText(news.length === 1 ? said : `${t("thread.jumpNew", { count: news.length })}. ${said}`);
  }, [messages, name, t]);
  return (
    <p className="cd-hidden" role="status" aria-live="polite">
      {text}
    </p>
  );
}
