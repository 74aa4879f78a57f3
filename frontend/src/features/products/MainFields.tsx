import { useTranslation } from "react-i18next";
import { money } from "@/shared/money";
import { Button, SelectField, TextArea, TextField } from "@/shared/ui";
import { CURRENCIES, type ProductDraft } from "./draft";
import { likelyPrice, parsePrice } from "./price";

export function MainFields({ draft, errors, set }: MainFieldsProps) {
  const { t } = useTranslation("products");
  const currencies = CURRENCIES.includes(draft.currency) ? CURRENCIES : [...CURRENCIES, draft.currency];
  return (
    <>
      <TextField
        label={t("editor.name")}
        value={draft.name}
        error={errors.name}
        required
        autoComplete="off"
        onChange={(event) => set("name", event.target.value)}
      />
      <TextArea
        label={t("editor.description")}
        hint={t("editor.descriptionHint")}
        optional
        value={draft.description}
        error={errors.description}
        maxLength={8000}
        onChange={(event) => set("description", event.target.value)}
      />
      <div className="product-columns">
        <Price draft={draft} error={errors.price} set={set} />
        <SelectField
          label={t("editor.currency")}
          value={draft.currency}
          error={errors.currency}
          options={currencies.map((code) => ({ value: code, label: code }))}
          onChange={(event) => set("currency", event.target.value)}
        />
        <SelectField
          label={t("editor.status")}
          value={draft.status}
          error={errors.status}
          options={[
            { value: "available", label: t("status.available") },
            { value: "out_of_stock", label: t("status.out_of_stock") },
          ]}
          onChange={({ target }) =>
            set("status", target.value === "available" ? "available" : "out_of_stock")
          }
        />
      </div>
    </>
  );
}

export interface MainFieldsProps {
  draft: ProductDraft;
  errors: Readonly<Record<string, string>>;
  set: <K extends keyof ProductDraft>(key: K, value: ProductDraft[K]) => void;
}

/** The price as people type it, and beneath what it is read as. */
function Price({
  draft,
  error,
  set,
}: Pick<MainFieldsProps, "draft" | "set"> & { error: string | undefined }) {
  const { t } = useTranslation("products");
  const { price, currency } = draft;
  const amount = parsePrice(price, currency);
  const likely = amount === null ? null : likelyPrice(amount, currency);
  const likelyAmount = likely === null ? null : parsePrice(likely, currency);
  return (
    <div className="product-typed-price">
      <TextField
        label={t("editor.price")}
        hint={
          amount === null ? t("editor.priceHint") : t("editor.priceRead", { price: money(amount, currency) })
        }
        value={price}
        error={error}
        required
        inputMode="text"
        autoComplete="off"
        onChange={(event) => set("price", event.target.value)}
      />
      {likely !== null && likelyAmount !== null && (
        <Button look="link" onClick={() => set("price", likely)}>
          {t("editor.priceLikely", { price: money(likelyAmount, currency) })}
        </Button>
      )}
    </div>
  );
}
