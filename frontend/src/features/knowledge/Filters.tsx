import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { ENTRY_KINDS } from "@/shared/entry/rules";
import { Tabs } from "@/shared/ui";
import type { EntryFilter } from "./queries";

/** Typing searches by itself after this pause. */
const PAUSE_MS = 250;
const TABS = ["all", ...ENTRY_KINDS] as const;

export function Filters({ filter, onChange }: FiltersProps) {
  const { t } = useTranslation(["knowledge", "entry"]);
  return (
    <div className="know-filters">
      <Search filter={filter} onChange={onChange} />
      <Tabs
        legend={t("knowledge:filterLabel")}
        tabs={TABS.map((value) => ({
          value,
          label: value === "all" ? t("knowledge:all") : t(`entry:kind.${value}`),
        }))}
        value={filter.kind ?? "all"}
        onChange={(kind) => onChange({ ...filter, kind: kind === "all" ? null : kind })}
      />
    </div>
  );
}

interface FiltersProps {
  filter: EntryFilter;
  onChange: (filter: EntryFilter) => void;
}

function Search({ filter, onChange }: FiltersProps) {
  const { t } = useTranslation("knowledge");
  const [typed, setTyped] = useState(filter.q);
  const [known, setKnown] = useState(filter.q);
  if (known !== filter.q) {
    // The address changed: by this field, which may be ahead of it, or by a link or the back button.
    setKnown(filter.q);
    if (typed.trim() === known) setTyped(filter.q);
  }
  useEffect(() => {
    const q = typed.trim();
    if (q === filter.q) return;
    const timer = setTimeout(() => onChange({ ...filter, q }), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [typed, filter, onChange]);
  return (
    <input
      type="search"
      className="cd-input know-search"
      aria-label={t("searchLabel")}
      placeholder={t("searchPlaceholder")}
      maxLength={200}
      value={typed}
      onChange={(event) => setTyped(event.target.value)}
    />
  );
}
