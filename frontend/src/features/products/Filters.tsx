import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { Tabs } from "@/shared/ui";
import type { ProductFilter } from "./queries";

/** Typing searches by itself after this pause. */
const PAUSE_MS = 250;
const TABS = ["all", "available", "out_of_stock"] as const;

export function Filters({ filter, onChange }: FiltersProps) {
  const { t } = useTranslation("products");
  return (
    <div className="product-filters">
      <Search filter={filter} onChange={onChange} />
      <Tabs
        legend={t("filterLabel")}
        tabs={TABS.map((value) => ({ value, label: t(`filters.${value}`) }))}
        value={filter.status ?? "all"}
        onChange={(status) => onChange({ ...filter, status: status === "all" ? null : status })}
      />
    </div>
  );
}

interface FiltersProps {
  filter: ProductFilter;
  onChange: (filter: ProductFilter) => void;
}

function Search({ filter, onChange }: FiltersProps) {
  const { t } = useTranslation("products");
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
      className="cd-input product-search"
      aria-label={t("searchLabel")}
      placeholder={t("searchPlaceholder")}
      maxLength={200}
      value={typed}
      onChange={(event) => setTyped(event.target.value)}
    />
  );
}
