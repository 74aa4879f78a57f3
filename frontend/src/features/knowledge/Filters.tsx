import { useTranslation } from "react-i18next";
import { ENTRY_KINDS } from "@/shared/entry/rules";
import { Tabs } from "@/shared/ui";
import { SearchField } from "@/shared/ui/SearchField";
import type { EntryFilter } from "./queries";

const TABS = ["all", ...ENTRY_KINDS] as const;

export function Filters({ filter, onChange }: FiltersProps) {
  const { t } = useTranslation(["knowledge", "entry"]);
  return (
    <div className="know-filters">
      <SearchField
        className="know-search"
        label={t("knowledge:searchLabel")}
        placeholder={t("knowledge:searchPlaceholder")}
        filter={filter}
        onChange={onChange}
      />
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
