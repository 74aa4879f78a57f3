import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { isNotFound } from "@/api/error";
import type { Channel, JournalItem } from "@/api/gen/model";
import { fullTime } from "@/shared/time";
import {
  Badge,
  Button,
  ButtonLink,
  Dialog,
  EmptyState,
  ErrorNote,
  ErrorState,
  Loading,
  Skeleton,
} from "@/shared/ui";
import { itemQuery } from "./queries";
import { useRedrive } from "./redrive";
import { kindText, reasonText, TONES } from "./words";

/** One item with everything that is known of it. */
export function Detail({ id, channels, onClose }: DetailProps) {
  const { t } = useTranslation("journal");
  const { data, error, refetch } = useQuery(itemQuery(id));
  const redrive = useRedrive();
  return (
    <Dialog
      wide
      title={t("detail.title")}
      onClose={onClose}
      footer={
        data && (
          <>
            {data.conversation_id && (
              <ButtonLink to={inboxAddress(data.conversation_id, data.message_id ?? null)}>
                {t("detail.message")}
              </ButtonLink>
            )}
            {data.can_redrive && (
              <Button look="primary" busy={redrive.isPending} onClick={() => redrive.mutate({ id: data.id })}>
                {t("redrive.one")}
              </Button>
            )}
          </>
        )
      }
    >
      {data !== undefined && <Told item={data} channels={channels} />}
      {data !== undefined && <ErrorNote error={redrive.error} />}
      {data === undefined && error === null && (
        <Loading>
          <Skeleton height={120} />
        </Loading>
      )}
      {data === undefined && error !== null && isNotFound(error) && (
        <EmptyState
          title={t("detail.missing")}
          action={<Button onClick={onClose}>{t("detail.close")}</Button>}
        />
      )}
      {data === undefined && error !== null && !isNotFound(error) && (
        <ErrorState error={error} onRetry={() => void refetch()} />
      )}
    </Dialog>
  );
}

interface DetailProps {
  id: string;
  channels: readonly Channel[];
  onClose: () => void;
}

function inboxAddress(conversation: string, message: string | null): string {
  return `/inbox/${conversation}${message === null ? "" : `?message=${encodeURIComponent(message)}`}`;
}

function Told({ item, channels }: { item: JournalItem; channels: readonly Channel[] }) {
  const { t } = useTranslation(["journal", "common"]);
  const channel = channels.find(({ id }) => id === item.channel_id);
  const reason = reasonText(t, item);
  return (
    <>
      <dl className="journal-facts">
        <dt>{t("journal:detail.kind")}</dt>
        <dd>{kindText(t, item.kind)}</dd>
        <dt>{t("journal:detail.outcome")}</dt>
        <dd>
          <Badge tone={TONES[item.outcome]}>{t(`journal:outcome.${item.outcome}`)}</Badge>{" "}
          {t(`journal:about.${item.outcome}`)}
        </dd>
        {reason !== null && (
          <>
            <dt>{t("journal:detail.reason")}</dt>
            <dd>{reason}</dd>
          </>
        )}
        <dt>{t("journal:detail.channel")}</dt>
        <dd>
          <bdi>{channel?.page_name ?? t("journal:gone")}</bdi>
          {channel && <> · {t(`common:platforms.${channel.platform}`)}</>}
        </dd>
        <dt>{t("journal:detail.at")}</dt>
        <dd>{fullTime(item.created_at)}</dd>
        {item.redriven_at && (
          <>
            <dt>{t("journal:detail.redriven")}</dt>
            <dd>{fullTime(item.redriven_at)}</dd>
          </>
        )}
      </dl>
      <h3 className="journal-raw-title" id="journal-raw">
        {t("journal:detail.raw")}
      </h3>
      {item.raw ? (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, which the keyboard must be able to do, too
        <section className="journal-raw" tabIndex={0} aria-labelledby="journal-raw" dir="ltr">
          <pre>{pretty(item.raw)}</pre>
        </section>
      ) : (
        <p className="journal-zone">{t("journal:detail.notKept")}</p>
      )}
    </>
  );
}

/** Indented for reading; what is no JSON stays as it came. */
export function pretty(raw: string): string {
  try {
    return JSON.stringify(JSON.parse(raw), null, 2);
  } catch {
    return raw;
  }
}
