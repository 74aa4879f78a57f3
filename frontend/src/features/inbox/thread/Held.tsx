import { HourglassOutlined } from "@ant-design/icons";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import type { Conversation, Message } from "@/api/gen/model";
import { heldBy } from "../rules/held";
import { useChannel } from "../useChances";
import { useNow } from "../useNow";

/** Why a message waits, and where one can do something about it. */
export function Held({ message, conversation }: { message: Message; conversation: Conversation }) {
  const { t } = useTranslation("inbox");
  const channel = useChannel(conversation);
  const held = heldBy(message, channel, useNow());
  if (held === null) return null;
  return (
    <p className="in-held cd-tint-warning">
      <HourglassOutlined aria-hidden="true" />
      <span>
        {t(`held.${held}`, { name: channel?.page_name ?? "" })}{" "}
        <Link className="in-held-link" to="/channels">
          {t("composer.toChannels")}
        </Link>
      </span>
    </p>
  );
}
