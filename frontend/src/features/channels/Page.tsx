import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Channel, Platform } from "@/api/gen/model";
import { channelsQuery } from "@/api/queries";
import { useRights } from "@/shared/rights";
import { ButtonLink, EmptyState, ErrorNote, ErrorState, Loading, PageHead, Skeleton } from "@/shared/ui";
import { ChannelCard } from "./ChannelCard";
import { ConnectButtons } from "./ConnectButtons";
import { ConnectDialog } from "./ConnectDialog";
import { LeaveDialog } from "./LeaveDialog";
import { isNotConfigured, useSignIn } from "./signIn";
import { Transfers } from "./Transfers";
import "./channels.css";

/** What is open above the page. */
type Open =
  | { kind: "token"; platform: Platform; known: Channel | null; isOnlyWay: boolean }
  | { kind: "leave"; channel: Channel };

export function Component() {
  const { t } = useTranslation("channels");
  const { manages } = useRights();
  const [open, setOpen] = useState<Open | null>(null);
  const hasAny = useQuery(channelsQuery).data?.some((channel) => channel.is_active) ?? false;
  const signIn = useSignIn((error, { platform, channel }) => {
    if (isNotConfigured(error)) setOpen({ kind: "token", platform, known: channel, isOnlyWay: true });
  });
  const wish = signIn.isPending ? signIn.variables : null;
  const close = () => setOpen(null);
  const connect = manages && (
    <ConnectButtons
      busy={wish?.channel === null ? wish.platform : null}
      onSignIn={(platform) => signIn.mutate({ platform, channel: null })}
      onToken={(platform) => setOpen({ kind: "token", platform, known: null, isOnlyWay: false })}
    />
  );
  return (
    <div className="cd-page">
      <PageHead title={t("title")}>
        {manages && (
          <div className="cd-row">
            {hasAny && connect}
            <ButtonLink to="/journal">{t("journal")}</ButtonLink>
          </div>
        )}
      </PageHead>
      <p className="channel-intro">{manages ? t("intro") : t("manageOnly")}</p>
      {signIn.isError && !isNotConfigured(signIn.error) && <ErrorNote error={signIn.error} />}
      {manages && (
        <Transfers
          onConnect={({ platform, page_id: pageId }) => signIn.mutate({ platform, channel: null, pageId })}
        />
      )}
      <Channels
        connect={connect}
        reconnecting={wish?.channel?.id ?? null}
        onReconnect={(channel) => signIn.mutate({ platform: channel.platform, channel })}
        onLeave={(channel) => setOpen({ kind: "leave", channel })}
      />
      {open?.kind === "token" && <ConnectDialog {...open} onClose={close} />}
      {open?.kind === "leave" && <LeaveDialog channel={open.channel} onClose={close} />}
    </div>
  );
}

interface ChannelsProps {
  connect: ReactNode;
  /** The channel whose login is on its way. */
  reconnecting: string | null;
  onReconnect: (channel: Channel) => void;
  onLeave: (channel: Channel) => void;
}

function Channels({ connect, reconnecting, onReconnect, onLeave }: ChannelsProps) {
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
        busy={reconnecting === channel.id}
        onReconnect={() => onReconnect(channel)}
        onLeave={() => onLeave(channel)}
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
