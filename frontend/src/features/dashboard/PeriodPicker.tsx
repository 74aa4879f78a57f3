import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { Button, Tabs, TextField } from "@/shared/ui";
import { type Period, PRESETS, type Preset, periodProblems } from "./period";

const TABS = [...PRESETS, "own"] as const;

export function PeriodPicker({ period, preset, today, onPreset, onOwn }: PeriodPickerProps) {
  const { t } = useTranslation("dashboard");
  const [wantsOwn, setOwn] = useState(false);
  const isOwn = wantsOwn || preset === null;
  return (
    <div className="dashboard-period">
      <Tabs
        legend={t("periodLabel")}
        tabs={TABS.map((value) => ({ value, label: t(`presets.${value}`) }))}
        value={isOwn ? "own" : (preset ?? "own")}
        onChange={(value) => {
          setOwn(value === "own");
          if (value !== "own") onPreset(value);
        }}
      />
      {isOwn && <OwnPeriod period={period} today={today} onShow={onOwn} />}
    </div>
  );
}

interface PeriodPickerProps {
  period: Period;
  preset: Preset | null;
  /** By the shop's clock. */
  today: string;
  onPreset: (preset: Preset) => void;
  onOwn: (period: Period) => void;
}

function OwnPeriod({
  period,
  today,
  onShow,
}: {
  period: Period;
  today: string;
  onShow: (period: Period) => void;
}) {
  const { t } = useTranslation("dashboard");
  const [own, setOwn] = useState(period);
  const [known, setKnown] = useState(period);
  if (known.from !== period.from || known.to !== period.to) {
    // Shown by this form, or by a link or the back button.
    setKnown(period);
    setOwn(period);
  }
  const [tried, setTried] = useState(false);
  const problems = periodProblems(own, today);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (Object.keys(problems).length === 0) onShow(own);
  };
  const field = (name: "from" | "to") => (
    <TextField
      type="date"
      label={t(`own.${name}`)}
      value={own[name]}
      max={today}
      error={tried && problems[name] ? t(`own.${problems[name]}`) : undefined}
      onChange={(event) => setOwn({ ...own, [name]: event.target.value })}
    />
  );
  return (
    <form className="dashboard-own" aria-label={t("own.label")} noValidate onSubmit={submit}>
      {field("from")}
      {field("to")}
      <Button type="submit">{t("own.show")}</Button>
    </form>
  );
}
