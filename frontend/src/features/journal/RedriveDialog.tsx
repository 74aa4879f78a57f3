import { useTranslation } from "react-i18next";
import type { Channel } from "@/api/gen/model";
import { date } from "@/shared/time";
import { ConfirmDialog, ErrorNote } from "@/shared/ui";
import type { JournalFilter } from "./filter";
import { bounds } from "./period";
import { useRedrive } from "./redrive";

/** Asks before everything that is shown is worked off again. */
export function RedriveDialog({ filter, zone, count, channels, onClose }: RedriveDialogProps) {
  const { t } = useTranslation("journal");
  const redrive = useRedrive(onClose);
  const { outcome, channel, period } = filter;
  const name = channels.find(({ id }) => id === channel)?.page_name;
  return (
    <ConfirmDialog
      title={count === null ? t("redrive.title") : t("redrive.titleCount", { count })}
      text={t("redrive.text")}
      confirm={t("redrive.submit")}
      busy={redrive.isPending}
      onClose={onClose}
      onConfirm={() =>
        redrive.mutate({
          ...bounds(period, zone),
          ...(outcome === null ? {} : { outcome }),
          ...(channel === null ? {} : { channel_id: channel }),
        })
      }
    >
      <ul className="journal-scope">
        <li>{t("redrive.days", { from: date(period.from, "UTC"), to: date(period.to, "UTC") })}</li>
        <li>{outcome === null ? t("redrive.open") : t(`outcome.${outcome}`)}</li>
        {name && (
          <li>
            <bdi>{name}</bdi>
          </li>
        )}
      </ul>
      <ErrorNote error={redrive.error} />
    </ConfirmDialog>
  );
}

interface RedriveDialogProps {
  filter: JournalFilter;
  zone: string;
  /** How many items that is, where it is known. */
  count: number | null;
  channels: readonly Channel[];
  onClose: () => void;
}
