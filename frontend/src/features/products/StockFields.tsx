import { useQuery } from "@tanstack/react-query";
import { useId } from "react";
import { useTranslation } from "react-i18next";
import { TextField } from "@/shared/ui";
import type { MainFieldsProps } from "./MainFields";
import { categoriesQuery } from "./queries";

/** The shop's own code, what it is sorted by, and how many are left. */
export function StockFields({ draft, errors, set }: MainFieldsProps) {
  const { t } = useTranslation("products");
  const categories = useQuery(categoriesQuery);
  const id = useId();
  return (
    <div className="product-columns">
      <TextField
        label={t("editor.category")}
        hint={t("editor.categoryHint")}
        list={id}
        value={draft.category}
        error={errors.category}
        autoComplete="off"
        onChange={(event) => set("category", event.target.value)}
      />
      <datalist id={id}>
        {categories.data?.map(({ name }) => (
          <option key={name} value={name} />
        ))}
      </datalist>
      <TextField
        label={t("editor.sku")}
        value={draft.sku}
        error={errors.sku}
        autoComplete="off"
        onChange={(event) => set("sku", event.target.value)}
      />
      <TextField
        label={t("editor.stock")}
        hint={t("editor.stockHint")}
        inputMode="numeric"
        value={draft.stock}
        error={errors.stock}
        autoComplete="off"
        onChange={(event) => set("stock", event.target.value)}
      />
    </div>
  );
}
