import { AppstoreOutlined, ArrowLeftOutlined, InfoCircleOutlined } from "@ant-design/icons";
import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { Link, useSearchParams } from "react-router";
import type { Conversation } from "@/api/gen/model";
import { NARROW } from "@/shared/media";
import { useRights } from "@/shared/rights";
import { Avatar, Button } from "@/shared/ui";
import { conversationPath, type Details } from "./address";
import { CloseButton, MoreMenu } from "./HeaderActions";
import { AiMark, PlatformMark } from "./marks";
import { aiStateAt } from "./rules/ai";
import { useChannel } from "./useChances";
import { useNow } from "./useNow";
import { WindowMark } from "./WindowMark";
import { contactName } from "./words";

/** Who it is, until when one may answer, what the assistant does, and what one can do. */
export function Header({ conversation, details }: { conversation: Conversation; details: Details }) {
  const { t } = useTranslation(["inbox", "common"]);
  const [params] = useSearchParams();
  const now = useNow();
  const channel = useChannel(conversation);
  const { works: mayAct } = useRights();
  const name = contactName(conversation.contact, t);
  const heading = useRef<HTMLHeadingElement>(null);
  // On a phone the list with the focus is gone: the screen that takes its place gets it.
  useEffect(() => {
    if (matchMedia(NARROW).matches) heading.current?.focus();
  }, []);
  return (
    <header className="in-head">
      <Link
        className="cd-btn cd-btn-plain cd-btn-icon in-back"
        to={conversationPath(null, params)}
        aria-label={t("thread.back")}
      >
        <ArrowLeftOutlined aria-hidden="true" />
      </Link>
      <Avatar name={name} url={conversation.contact.profile_pic_url ?? null} size={38} />
      <div className="in-head-text">
        <h2 ref={heading} id="in-open-name" className="in-head-name" tabIndex={-1}>
          <bdi>{name}</bdi>
        </h2>
        <p className="in-head-sub">
          <PlatformMark platform={conversation.platform} />
          {channel && <bdi className="in-head-page">{channel.page_name}</bdi>}
          <WindowMark window={conversation.reply_window} now={now} />
          <AiMark state={aiStateAt(conversation.ai, now)} />
          {conversation.is_other_apps && (
            <span className="in-other-app" title={t("ai.otherAppText")}>
              <AppstoreOutlined aria-hidden="true" /> {t("ai.otherAppShort")}
            </span>
          )}
        </p>
      </div>
      <div className="in-head-actions">
        {mayAct && <CloseButton conversation={conversation} />}
        {mayAct && <MoreMenu conversation={conversation} />}
        <Button
          look="plain"
          label={details.isOpen ? t("actions.hideDetails") : t("actions.details")}
          aria-expanded={details.isOpen}
          icon={<InfoCircleOutlined aria-hidden="true" />}
          onClick={details.toggle}
        />
      </div>
    </header>
  );
}
