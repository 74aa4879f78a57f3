import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Message } from "@/api/gen/model";
import { excerpt } from "../words";

/** Says new messages of others to screen readers. The thread itself is silent: it would read out every scroll. */
export function Announcer({ messages, name }: { messages: readonly Message[]; name: string }) {
  const { t } = useTranslation(["inbox", "common"]);
  const [text, setText] = useState("");
  const newest = messages.at(-1);
  const last = useRef<string | null>(null);
  useEffect(() => {
    if (newest === undefined || last.current === newest.id) return;
    const isFirst = last.current === null;
    last.current = newest.id;
    if (isFirst || newest.sender_type === "business") return;
    const from = newest.sender_type === "ai" ? t("assistant") : name;
    setText(t("thread.announce", { name: from, text: excerpt(newest, t) }));
  }, [newest, name, t]);
  return (
    <p className="cd-hidden" role="status" aria-live="polite">
      {text}
    </p>
  );
}
