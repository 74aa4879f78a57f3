import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import type { Conversation, Label } from "@/api/gen/model";
import { toast } from "@/shared/ui";
import { useActions } from "./data/actions";
import { keepUnread } from "./thread/useReading";

/** What one can do to the open conversation, with everything that belongs to it. */
export function useConversationActions(conversation: Conversation) {
  const { t } = useTranslation("inbox");
  const actions = useActions();
  return useMemo(() => {
    const reopen = () => actions.change(conversation, { status: "open" }, { status: "open" });
    return {
      reopen,
      close: async () => {
        const done = await actions.change(
          conversation,
          { status: "closed" },
          { status: "closed", unread_count: 0 },
        );
        if (done) toast(t("actions.closed"), { undo: () => void reopen() });
      },
      assign: (userId: string | null) =>
        void actions.change(conversation, { assignee_id: userId }, { assignee_id: userId }),
      /** Changes the labels that are there now: others may have come since they were drawn. */
      changeLabels: (change: (labels: readonly Label[]) => Label[]) => {
        const labels = change(actions.current(conversation).labels);
        const label_ids = labels.map(({ id }) => id);
        void actions.change(conversation, { label_ids }, { labels: byName(labels) });
      },
      markUnread: () => {
        keepUnread(conversation.id);
        void actions.markUnread(conversation);
      },
      setAi: (isOn: boolean) => void actions.setAi(conversation, isOn),
    };
  }, [actions, conversation, t]);
}

function byName(labels: readonly Label[]): Label[] {
  return labels.toSorted((one, other) => one.name.localeCompare(other.name, "vi"));
}
