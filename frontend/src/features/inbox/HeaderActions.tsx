import { CheckOutlined, EllipsisOutlined, UndoOutlined } from "@ant-design/icons";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import type { Conversation } from "@/api/gen/model";
import { membersQuery } from "@/api/queries";
import { useSession } from "@/api/session";
import { NARROW, useMedia } from "@/shared/media";
import { Button, Menu, type MenuEntry } from "@/shared/ui";
import { memberName, workers } from "./data/members";
import { mayHandBack } from "./rules/ai";
import { useConversationActions } from "./useConversationActions";
import { useNow } from "./useNow";

/** Closes the conversation, or opens it again. */
export function CloseButton({ conversation }: { conversation: Conversation }) {
  const { t } = useTranslation("inbox");
  const { close, reopen } = useConversationActions(conversation);
  const isClosed = conversation.status === "closed";
  return (
    <Button
      small
      className="in-close"
      aria-label={isClosed ? t("actions.reopenFull") : t("actions.closeFull")}
      icon={isClosed ? <UndoOutlined aria-hidden="true" /> : <CheckOutlined aria-hidden="true" />}
      onClick={() => void (isClosed ? reopen() : close())}
    >
      {isClosed ? t("actions.reopen") : t("actions.close")}
    </Button>
  );
}

/** Everything else, and who looks after the conversation. */
export function MoreMenu({ conversation }: { conversation: Conversation }) {
  const { t } = useTranslation("inbox");
  const actions = useConversationActions(conversation);
  const members = useQuery(membersQuery).data ?? [];
  const me = useSession((state) => state.user?.id ?? "");
  const now = useNow();
  const isNarrow = useMedia(NARROW);
  const isClosed = conversation.status === "closed";
  const entries: MenuEntry[] = [
    ...(isNarrow
      ? [
          {
            key: "close",
            label: isClosed ? t("actions.reopenFull") : t("actions.closeFull"),
            onSelect: () => void (isClosed ? actions.reopen() : actions.close()),
          },
        ]
      : []),
    { key: "unread", label: t("actions.markUnread"), onSelect: actions.markUnread },
    ...(mayHandBack(conversation.ai, now)
      ? [{ key: "hand-back", label: t("ai.handBack"), onSelect: () => actions.setAi(true) }]
      : [
          {
            key: "ai",
            label: conversation.is_ai_enabled ? t("ai.switchOff") : t("ai.switchOn"),
            onSelect: () => actions.setAi(!conversation.is_ai_enabled),
          },
        ]),
    { key: "after-ai", divider: true },
    ...(conversation.assignee_id === me
      ? []
      : [{ key: "me", label: t("actions.assignMe"), onSelect: () => actions.assign(me) }]),
    ...workers(members)
      .filter(({ id }) => id !== me && id !== conversation.assignee_id)
      .map(({ id }) => ({
        key: id,
        label: (
          <span>
            {t("actions.assign")} <bdi>{memberName(members, id)}</bdi>
          </span>
        ),
        onSelect: () => actions.assign(id),
      })),
    ...(conversation.assignee_id
      ? [{ key: "nobody", label: t("actions.unassign"), onSelect: () => actions.assign(null) }]
      : []),
  ];
  return (
    <Menu
      button={{ look: "plain", label: t("actions.more"), icon: <EllipsisOutlined aria-hidden="true" /> }}
      entries={entries}
      align="end"
    />
  );
}
