import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { SelectField, Tabs } from "@/shared/ui";
import { categoriesQuery, type ProductFilter } from "./queries";
import { FEW } from "./stock";

/** Typing searches by itself after this pause. */
const PAUSE_MS = 250;
const LOWS = [0, FEW, 20];
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
      <div className="product-selects">
        <Categories filter={filter} onChange={onChange} />
        <SelectField
          label={t("stock.filterLabel")}
          hideLabel
          value={filter.lowStock === null ? "" : String(filter.lowStock)}
          options={[
            { value: "", label: t("stock.any") },
            ...lows(filter.lowStock).map((few) => ({
              value: String(few),
              label: few === 0 ? t("stock.none") : t("stock.atMost", { count: few }),
            })),
          ]}
          onChange={({ target }) =>
            onChange({ ...filter, lowStock: target.value === "" ? null : Number(target.value) })
          }
        />
      </div>
    </div>
  );
}

/** A link may ask for another number than those that are offered. */
function lows(wanted: number | null): number[] {
  return [...new Set([...LOWS, ...(wanted === null ? [] : [wanted])])].sort((one, other) => one - other);
}

function Categories({ filter, onChange }: FiltersProps) {
  const { t } = useTranslation("products");
  const { data = [] } = useQuery(categoriesQuery);
  const isKnown = filter.category === null || data.some(({ name }) => name === filter.category);
  if (data.length === 0 && isKnown) return null;
  return (
    <SelectField
      label={t("category.filterLabel")}
      hideLabel
      value={filter.category ?? ""}
      options={[
        { value: "", label: t("category.any") },
        ...data.map(({ name, products }) => ({
          value: name,
          label: t("category.one", { name, count: products }),
        })),
        ...(isKnown || filter.category === null ? [] : [{ value: filter.category, label: filter.category }]),
      ]}
      onChange={({ target }) => onChange({ ...filter, category: target.value === "" ? null : target.value })}
    />
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
