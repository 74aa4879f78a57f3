import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { SelectField, Tabs } from "@/shared/ui";
import { SearchField } from "@/shared/ui/SearchField";
import { categoriesQuery, type ProductFilter } from "./queries";
import { FEW } from "./stock";

const LOWS = [0, FEW, 20];
const TABS = ["all", "available", "out_of_stock"] as const;

export function Filters({ filter, onChange }: FiltersProps) {
  const { t } = useTranslation("products");
  return (
    <div className="product-filters">
      <SearchField
        className="product-search"
        label={t("searchLabel")}
        placeholder={t("searchPlaceholder")}
        filter={filter}
        onChange={onChange}
      />
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
