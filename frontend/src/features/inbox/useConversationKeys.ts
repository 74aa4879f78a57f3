import { useMemo } from "react";
import { flushSync } from "react-dom";
import { useTranslation } from "react-i18next";
import type { Conversation } from "@/api/gen/model";
import { type Shortcut, useShortcuts } from "@/shared/keys";
import { useRights } from "@/shared/rights";
import type { Details } from "./address";
import type { Mode } from "./compose/drafts";
import { useConversationActions } from "./useConversationActions";

interface Wish {
  conversation: Conversation;
  write: (mode: Mode) => void;
  details: Details;
}

/** Where the details can be reached by key: they open first when they are closed. */
export const PANEL_FIELDS = { assign: "in-assign", label: "in-label-search" };

/** The keys that belong to the open conversation. */
export function useConversationKeys({ conversation, write, details }: Wish): void {
  const { t, i18n } = useTranslation("inbox");
  const { works: mayAct } = useRights();
  const actions = useConversationActions(conversation);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the words change with the language, and t does not tell.
  const shortcuts = useMemo<Shortcut[]>(() => {
    const group = t("title");
    const toField = (id: string) => () => {
      const focus = () => document.getElementById(id)?.focus();
      // At once, so that the next keys are typed there and are no commands.
      if (!details.isOpen) flushSync(details.toggle);
      focus();
      // Where the details take the thread's place, they come with the next address.
      requestAnimationFrame(focus);
    };
    const look = [{ keys: ["i"], label: t("keys.details"), group, run: details.toggle }];
    if (!mayAct) return look;
    const isClosed = conversation.status === "closed";
    return [
      { keys: ["r"], label: t("keys.reply"), group, run: () => write("reply") },
      { keys: ["n"], label: t("keys.note"), group, run: () => write("note") },
      {
        keys: ["e"],
        label: t("keys.close"),
        group,
        run: () => void (isClosed ? actions.reopen() : actions.close()),
      },
      { keys: ["a"], label: t("keys.assign"), group, run: toField(PANEL_FIELDS.assign) },
      { keys: ["l"], label: t("keys.label"), group, run: toField(PANEL_FIELDS.label) },
      { keys: ["u"], label: t("keys.unread"), group, run: actions.markUnread },
      ...look,
    ];
  }, [t, i18n.language, conversation, write, details, mayAct, actions]);
  useShortcuts(shortcuts);
}
