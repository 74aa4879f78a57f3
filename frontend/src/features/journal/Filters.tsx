import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Channel } from "@/api/gen/model";
import { zoneLabel } from "@/shared/time";
import { Button, SelectField, TextField } from "@/shared/ui";
import { type JournalFilter, OUTCOMES } from "./filter";
import { type Period, PRESETS, periodProblem } from "./period";

/** Which items are shown. */
export function Filters({ filter, zone, channels, onChange }: FiltersProps) {
  const { t } = useTranslation(["journal", "common"]);
  const [wantsOwn, setOwn] = useState(false);
  const isOwn = wantsOwn || filter.preset === null;
  return (
    <div className="journal-filters">
      <SelectField
        label={t("journal:filter.outcome")}
        value={filter.outcome ?? ""}
        options={[
          { value: "", label: t("journal:filter.all") },
          ...OUTCOMES.map((value) => ({ value, label: t(`journal:outcome.${value}`) })),
        ]}
        onChange={(event) => onChange({ outcome: event.target.value })}
      />
      <SelectField
        label={t("journal:filter.channel")}
        value={filter.channel ?? ""}
        options={[
          { value: "", label: t("journal:filter.allChannels") },
          ...channels.map(({ id, page_name: name, platform }) => ({
            value: id,
            label: `${name} · ${t(`common:platforms.${platform}`)}`,
          })),
        ]}
        onChange={(event) => onChange({ channel: event.target.value })}
      />
      <SelectField
        label={t("journal:filter.period")}
        value={isOwn ? "own" : (filter.preset ?? "own")}
        options={[...PRESETS, "own" as const].map((value) => ({
          value,
          label: t(`journal:filter.periods.${value}`),
        }))}
        onChange={({ target: { value } }) => {
          setOwn(value === "own");
          if (value !== "own") onChange({ period: value, from: null, to: null });
        }}
      />
      {isOwn && (
        <OwnPeriod
          key={`${filter.period.from} ${filter.period.to}`}
          period={filter.period}
          onShow={(period) => onChange({ ...period, period: null })}
        />
      )}
      <p className="journal-zone">{t("journal:zone", { zone: zoneLabel(zone, new Date()) })}</p>
    </div>
  );
}

interface FiltersProps {
  filter: JournalFilter;
  zone: string;
  channels: readonly Channel[];
  onChange: (wish: Record<string, string | null>) => void;
}

function OwnPeriod({ period, onShow }: { period: Period; onShow: (period: Period) => void }) {
  const { t } = useTranslation("journal");
  const [own, setOwn] = useState(period);
  const [isTried, setTried] = useState(false);
  const problem = periodProblem(own);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (problem === null) onShow(own);
  };
  return (
    <form className="journal-own" aria-label={t("filter.own.label")} noValidate onSubmit={submit}>
      <TextField
        type="date"
        label={t("filter.own.from")}
        value={own.from}
        error={isTried && problem !== null ? t(`filter.own.${problem}`) : undefined}
        onChange={(event) => setOwn({ ...own, from: event.target.value })}
      />
      <TextField
        type="date"
        label={t("filter.own.to")}
        value={own.to}
        onChange={(event) => setOwn({ ...own, to: event.target.value })}
      />
      <Button type="submit">{t("filter.own.show")}</Button>
    </form>
  );
}
