import { DeleteOutlined } from "@ant-design/icons";
import { type InputHTMLAttributes, useId } from "react";
import { useTranslation } from "react-i18next";
import { money } from "@/shared/money";
import { Button } from "@/shared/ui";
import { parsePrice } from "./price";
import { type VariantPart, type VariantRow, type VariantTable, withCell } from "./variants";

/** One form of a product. */
export function VariantLine({ table, row, number, currency, errors, onChange, onRemove }: VariantLineProps) {
  const { t } = useTranslation("products");
  const amount = row.price.trim() === "" ? null : parsePrice(row.price, currency);
  return (
    <tr>
      {table.attributes.map(({ id, name }) => (
        <td key={id} data-label={name.trim() === "" ? t("variants.unnamed") : name}>
          <input
            className="cd-input"
            aria-label={t("variants.cellOf", { name, row: number })}
            maxLength={200}
            value={row.cells[id] ?? ""}
            onChange={({ target }) => onChange(withCell(table, row, id, target.value))}
          />
        </td>
      ))}
      <Cell
        label={t("variants.name")}
        aria-label={t("variants.nameOf", { row: number })}
        value={row.name}
        error={errors.name}
        onChange={({ target }) => onChange({ ...row, name: target.value })}
      />
      <Cell
        label={t("variants.price")}
        aria-label={t("variants.priceOf", { row: number })}
        placeholder={t("variants.samePrice")}
        value={row.price}
        error={errors.price}
        // What it is read as, where that is not what stands there.
        hint={amount === null || /^[\d.,]+$/.test(row.price.trim()) ? undefined : money(amount, currency)}
        onChange={({ target }) => onChange({ ...row, price: target.value })}
      />
      <Cell
        label={t("variants.stock")}
        aria-label={t("variants.stockOf", { row: number })}
        placeholder={t("variants.notCounted")}
        inputMode="numeric"
        value={row.stock}
        error={errors.stock}
        onChange={({ target }) => onChange({ ...row, stock: target.value })}
      />
      <Cell
        label={t("variants.sku")}
        aria-label={t("variants.skuOf", { row: number })}
        value={row.sku}
        error={errors.sku}
        onChange={({ target }) => onChange({ ...row, sku: target.value })}
      />
      <td>
        <Button
          look="plain"
          icon={<DeleteOutlined aria-hidden="true" />}
          label={t("variants.remove", { row: number })}
          onClick={onRemove}
        />
      </td>
    </tr>
  );
}

interface VariantLineProps {
  table: VariantTable;
  row: VariantRow;
  number: number;
  currency: string;
  errors: Partial<Record<VariantPart, string>>;
  onChange: (row: VariantRow) => void;
  onRemove: () => void;
}

function Cell({ label, error, hint, ...input }: CellProps) {
  const id = useId();
  return (
    <td data-label={label}>
      <input
        className="cd-input"
        autoComplete="off"
        {...input}
        aria-invalid={error ? true : undefined}
        aria-describedby={error || hint ? id : undefined}
      />
      {(error || hint) && (
        <span className={error ? "cd-field-error" : "cd-field-hint"} id={id}>
          {error ?? hint}
        </span>
      )}
    </td>
  );
}

interface CellProps extends InputHTMLAttributes<HTMLInputElement> {
  /** Shown where the lines have no header above them. */
  label: string;
  error: string | undefined;
  hint?: string | undefined;
}
