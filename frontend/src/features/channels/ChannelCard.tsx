import { useTranslation } from "react-i18next";
import type { Channel } from "@/api/gen/model";
import { useRights } from "@/shared/rights";
import { date, fullTime } from "@/shared/time";
import { Badge, Button } from "@/shared/ui";
import { CheckButton } from "./CheckButton";
import { shownState, TONES, troubleOf, wantsReconnect } from "./health";
import { PlatformIcon } from "./PlatformIcon";

/** A channel: how it is, in words, and what to do about it. */
export function ChannelCard({ channel, heading: Heading, busy, onReconnect, onLeave }: ChannelCardProps) {
  const { t } = useTranslation(["channels", "common"]);
  const { manages } = useRights();
  const { page_name: name, platform, health } = channel;
  const state = shownState(channel);
  const trouble = troubleOf(channel);
  const isHeld = channel.sending === "waiting" || channel.sending === "blocked";
  const { policy } = channel;
  const warnedAt = channel.is_active && policy.state === "warning" ? policy.since : null;
  return (
    <li className="cd-card channel-card">
      <span className={`channel-icon channel-icon-${platform}`}>
        <PlatformIcon platform={platform} />
      </span>
      <div className="channel-words">
        <Heading>
          <bdi>{name}</bdi>
        </Heading>
        <p className="channel-where">
          {t(`common:platforms.${platform}`)} · {t("channels:pageId")} <bdi>{channel.platform_page_id}</bdi> ·{" "}
          {t("channels:since", { date: date(channel.created_at) })}
        </p>
        <p className="channel-health">
          <Badge tone={TONES[state]}>{t(`channels:state.${state}`)}</Badge>
          {state === "blocked" && policy.since && (
            <span>{t("channels:policy.since", { when: fullTime(policy.since) })}</span>
          )}
          <span>
            {health.last_webhook_at
              ? t("channels:lastNews", { when: fullTime(health.last_webhook_at) })
              : t("channels:noNews")}
          </span>
        </p>
        <p className="channel-advice">
          {trouble === null ? t(`channels:advice.${state}`) : t(`channels:trouble.${trouble}`)}
          {isHeld && <> {t("channels:waiting")}</>}
        </p>
        {warnedAt && (
          <p className="cd-alert cd-tint-warning channel-warned">
            {t("channels:policy.warned", { when: fullTime(warnedAt) })}
          </p>
        )}
        {channel.is_active && (
          <p className="channel-where">
            {channel.checked_at
              ? t("channels:checked", { when: fullTime(channel.checked_at) })
              : t("channels:neverChecked")}
            {channel.token_expires_at && (
              <> · {t("channels:tokenEnds", { date: date(channel.token_expires_at) })}</>
            )}
          </p>
        )}
      </div>
      {manages && (
        <div className="channel-actions">
          <Button
            look={wantsReconnect(state) && state !== "silent" ? "primary" : "default"}
            aria-label={t("channels:reconnectNamed", { name })}
            busy={busy}
            onClick={onReconnect}
          >
            {t("channels:reconnect")}
          </Button>
          {channel.is_active && (
            <>
              <CheckButton channel={channel} />
              <Button aria-label={t("channels:disconnectNamed", { name })} onClick={onLeave}>
                {t("channels:disconnect")}
              </Button>
            </>
          )}
        </div>
      )}
    </li>
  );
}

interface ChannelCardProps {
  channel: Channel;
  /** Its level on the page. */
  heading: "h2" | "h3";
  /** The way to Meta's login is being asked for. */
  busy: boolean;
  onReconnect: () => void;
  onLeave: () => void;
}
