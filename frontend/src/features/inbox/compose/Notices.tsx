import type { TFunction } from "i18next";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import type { Channel, Conversation, Message } from "@/api/gen/model";
import { useSession } from "@/api/session";
import { clock } from "@/shared/time";
import { Button } from "@/shared/ui";
import { useNameOf } from "../data/members";
import { aiStateAt } from "../rules/ai";
import { windowAt } from "../rules/window";
import { useChannel } from "../useChances";
import { useNow } from "../useNow";
import { momentWord } from "../words";
import { answeredSince } from "./answered";
import type { Draft, Mode } from "./drafts";

interface Props {
  conversation: Conversation;
  messages: readonly Message[];
  mode: Mode;
  draft: Draft | null;
}

/** What one must know before writing: what is allowed, who was quicker, and what the assistant will do. */
export function Notices(props: Props) {
  if (props.mode === "note") return null;
  return (
    <div className="in-notices">
      <ChannelNotice conversation={props.conversation} />
      <WindowNotice conversation={props.conversation} />
      <AnsweredNotice {...props} />
      <AiNotice {...props} />
    </div>
  );
}

function ChannelNotice({ conversation }: { conversation: Conversation }) {
  const { t } = useTranslation("inbox");
  const channel = useChannel(conversation);
  const now = useNow();
  if (channel === null) return null;
  const text = channelTrouble(channel, now, t);
  if (text === null) return null;
  return (
    <p className="in-notice cd-tint-error" role="status">
      {text} <Link to="/channels">{t("composer.toChannels")}</Link>
    </p>
  );
}

/** Why nothing goes out through a page, or may not; null when nothing is known to be wrong. */
function channelTrouble(channel: Channel, now: number, t: TFunction<"inbox">): string | null {
  const { is_active, health, policy, sending, page_name: name } = channel;
  if (!is_active) return t("composer.channelOff", { name });
  if (sending === "blocked") {
    return policy.since
      ? t("composer.channelBlocked", { name, when: momentWord(policy.since, now) })
      : t("composer.channelBlockedNow", { name });
  }
  if (health.state === "restricted") return t("composer.channelRestricted", { name });
  return health.state === "needs_reconnect" ? t("composer.channelNeedsReconnect", { name }) : null;
}

function WindowNotice({ conversation }: { conversation: Conversation }) {
  const { t } = useTranslation("inbox");
  const now = useNow();
  const { phase, until } = windowAt(conversation.reply_window, now);
  if (phase === "open") return null;
  if (phase === "people") {
    const told = { until: until === null ? "" : momentWord(until, now) };
    return <p className="in-notice cd-tint-warning">{t("window.peopleText", told)}</p>;
  }
  return (
    <p className="in-notice cd-tint-error" role="status">
      {phase === "closed" ? t("window.closedText") : t("window.neverText")}
    </p>
  );
}

function AnsweredNotice({ messages, draft }: Props) {
  const { t } = useTranslation("inbox");
  const me = useSession((state) => state.user?.id ?? "");
  const nameOf = useNameOf();
  const [dismissed, setDismissed] = useState<string | null>(null);
  const answer = draft === null ? null : answeredSince(messages, draft.since, me);
  if (answer === null || answer.id === dismissed) return null;
  const name = answer.sender_type === "ai" ? t("assistant") : (nameOf(answer.author_id) ?? t("somebody"));
  return (
    <p className="in-notice cd-tint-warning" role="alert">
      {t("composer.answered", { name, time: clock(answer.created_at) })}{" "}
      <Button look="link" onClick={() => setDismissed(answer.id)}>
        {t("composer.dismiss")}
      </Button>
    </p>
  );
}

function AiNotice({ conversation, draft }: Props) {
  const { t } = useTranslation("inbox");
  const now = useNow();
  if (draft === null || aiStateAt(conversation.ai, now) !== "active") return null;
  return <p className="in-notice cd-tint-ai">{t("ai.willPause")}</p>;
}
