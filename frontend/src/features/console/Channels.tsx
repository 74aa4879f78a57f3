import { useInfiniteQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Link, useSearchParams } from "react-router";
import type { ChannelHealth, HealthState } from "@/api/gen/model";
import { fullTime } from "@/shared/time";
import { SelectField } from "@/shared/ui/Field";
import { Paged } from "@/shared/ui/Paged";
import { PageHead } from "@/shared/ui/PageHead";
import { Badge, type Tone } from "@/shared/ui/small";
import { channelsQuery } from "./queries";

const STATES = ["needs_reconnect", "restricted", "silent", "ok"] as const satisfies readonly HealthState[];
const TONES: Record<HealthState, Tone> = {
  ok: "success",
  silent: "warning",
  needs_reconnect: "error",
  restricted: "error",
};

/** The channels of all businesses, by how they are. */
export function Channels() {
  const { t } = useTranslation("console");
  const [params, setParams] = useSearchParams();
  const state = STATES.find((one) => one === params.get("state")) ?? null;
  const list = useInfiniteQuery(channelsQuery(state));
  return (
    <>
      <PageHead title={t("nav.channels")} />
      <div className="console-filters">
        <SelectField
          label={t("channels.state")}
          value={state ?? ""}
          options={[
            { value: "", label: t("channels.all") },
            ...STATES.map((one) => ({ value: one, label: t(`health.${one}`) })),
          ]}
          onChange={({ target }) =>
            setParams(target.value === "" ? {} : { state: target.value }, { replace: true })
          }
        />
      </div>
      <Paged list={list} empty={t("channels.none")}>
        {(items) => (
          <ul className="console-list" aria-label={t("nav.channels")}>
            {items.map((channel) => (
              <ChannelRow key={channel.id} channel={channel} isNamed />
            ))}
          </ul>
        )}
      </Paged>
    </>
  );
}

export function ChannelRow({ channel, isNamed }: { channel: ChannelHealth; isNamed?: boolean }) {
  const { t } = useTranslation(["console", "common"]);
  return (
    <li className="console-row">
      <div className="console-words">
        {isNamed && (
          <Link className="console-name" to={`/admin/tenants/${channel.business_id}`}>
            <bdi>{channel.business_name}</bdi>
          </Link>
        )}{" "}
        {t(`common:platforms.${channel.platform}`)} <code>{channel.platform_page_id}</code>
      </div>
      <div>
        <Badge tone={TONES[channel.state]}>{t(`console:health.${channel.state}`)}</Badge>{" "}
        {channel.reason && <code>{channel.reason}</code>}
      </div>
      <p className="console-numbers">
        {channel.last_event_at
          ? t("console:tenants.lastEvent", { when: fullTime(channel.last_event_at) })
          : t("console:tenants.noEvent")}
      </p>
    </li>
  );
}
