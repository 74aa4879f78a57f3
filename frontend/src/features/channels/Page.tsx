import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Channel, Platform } from "@/api/gen/model";
import { channelsQuery } from "@/api/queries";
import { registerLive } from "@/realtime/apply";
import { useRights } from "@/shared/rights";
import { Button, EmptyState, ErrorState, Loading, PageHead, Skeleton } from "@/shared/ui";
import { ChannelCard } from "./ChannelCard";
import { ConnectDialog } from "./ConnectDialog";
import { LeaveDialog } from "./LeaveDialog";
import { liveChannels } from "./live";
import { PlatformIcon } from "./PlatformIcon";
import "./channels.css";

registerLive("channels", liveChannels);

/** What is open above the page. */
type Open =
  | { kind: "connect"; platform: Platform }
  | { kind: "reconnect"; channel: Channel }
  | { kind: "leave"; channel: Channel };

export function Component() {
  const { t } = useTranslation("channels");
  const { manages } = useRights();
  const [open, setOpen] = useState<Open | null>(null);
  const hasAny = useQuery(channelsQuery).data?.some((channel) => channel.is_active) ?? false;
  const close = () => setOpen(null);
  const connect = manages && (
    <ConnectButtons onConnect={(platform) => setOpen({ kind: "connect", platform })} />
  );
  return (
    <div className="cd-page">
      <PageHead title={t("title")}>{hasAny && connect}</PageHead>
      <p className="channel-intro">{manages ? t("intro") : t("manageOnly")}</p>
      <Channels connect={connect} onOpen={setOpen} />
      {open?.kind === "connect" && <ConnectDialog platform={open.platform} known={null} onClose={close} />}
      {open?.kind === "reconnect" && (
        <ConnectDialog platform={open.channel.platform} known={open.channel} onClose={close} />
      )}
      {open?.kind === "leave" && <LeaveDialog channel={open.channel} onClose={close} />}
    </div>
  );
}

function ConnectButtons({ onConnect }: { onConnect: (platform: Platform) => void }) {
  const { t } = useTranslation("channels");
  return (
    <div className="cd-row">
      <Button
        look="primary"
        icon={<PlatformIcon platform="facebook" />}
        onClick={() => onConnect("facebook")}
      >
        {t("connect.facebook")}
      </Button>
      <Button icon={<PlatformIcon platform="instagram" />} onClick={() => onConnect("instagram")}>
        {t("connect.instagram")}
      </Button>
    </div>
  );
}

function Channels({ connect, onOpen }: { connect: ReactNode; onOpen: (open: Open) => void }) {
  const { t } = useTranslation("channels");
  const { data, error, refetch } = useQuery(channelsQuery);
  if (data === undefined) {
    return error === null ? <Waiting /> : <ErrorState error={error} onRetry={() => void refetch()} />;
  }
  const present = data.filter((channel) => channel.is_active);
  const past = data.filter((channel) => !channel.is_active);
  const list = (channels: readonly Channel[], heading: "h2" | "h3") =>
    channels.map((channel) => (
      <ChannelCard
        key={channel.id}
        channel={channel}
        heading={heading}
        onReconnect={() => onOpen({ kind: "reconnect", channel })}
        onLeave={() => onOpen({ kind: "leave", channel })}
      />
    ));
  return (
    <>
      {present.length === 0 ? (
        <EmptyState title={t("empty.title")} text={t("empty.text")} action={connect} />
      ) : (
        <ul className="channel-list" aria-label={t("listLabel")}>
          {list(present, "h2")}
        </ul>
      )}
      {past.length > 0 && (
        <>
          <h2 className="channel-past">{t("pastLabel")}</h2>
          <ul className="channel-list" aria-label={t("pastLabel")}>
            {list(past, "h3")}
          </ul>
        </>
      )}
    </>
  );
}

function Waiting() {
  return (
    <Loading>
      <div className="channel-list">
        <Skeleton height={132} />
        <Skeleton height={132} />
      </div>
    </Loading>
  );
}
