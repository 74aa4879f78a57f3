import { DeleteOutlined, PlusOutlined } from "@ant-design/icons";
import { useId, useRef } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "@/shared/ui";
import { VariantLine } from "./VariantLine";
import {
  emptyAttribute,
  emptyVariant,
  MOST_ATTRIBUTES,
  MOST_VARIANTS,
  saysSomething,
  type VariantPart,
  type VariantTable,
  withAll,
} from "./variants";

/** The forms in which a product is sold: what they differ in, and a line for each. */
export function Variants({ table, errors, error, currency, disabled, onChange }: VariantsProps) {
  const { t } = useTranslation("products");
  const id = useId();
  const body = useRef<HTMLTableSectionElement>(null);
  const { attributes, rows } = table;
  const lists = attributes.some(({ name, values }) => name.trim() !== "" && values.trim() !== "");
  const remove = (at: number) => {
    const lines = body.current?.children;
    // Before the row goes, and with it the focus.
    (lines?.item(at + 1) ?? lines?.item(at - 1))?.querySelector("input")?.focus();
    onChange({ ...table, rows: rows.filter((_, each) => each !== at) });
  };
  return (
    <fieldset
      className="product-group"
      disabled={disabled}
      aria-describedby={error ? `${id} ${id}-error` : id}
    >
      <legend>{t("variants.title")}</legend>
      <p className="cd-field-hint" id={id}>
        {t("variants.text")}
      </p>
      {error && (
        <p className="cd-field-error" id={`${id}-error`}>
          {error}
        </p>
      )}
      <Attributes table={table} onChange={onChange} />
      {rows.length > 0 && (
        <div className="product-forms-box">
          <table className="product-forms">
            <thead>
              <tr>
                {attributes.map((one) => (
                  <th key={one.id} scope="col">
                    {one.name.trim() === "" ? t("variants.unnamed") : one.name}
                  </th>
                ))}
                <th scope="col">{t("variants.name")}</th>
                <th scope="col">{t("variants.price")}</th>
                <th scope="col">{t("variants.stock")}</th>
                <th scope="col">{t("variants.sku")}</th>
                <td />
              </tr>
            </thead>
            <tbody ref={body}>
              {rows.map((row, at) => (
                <VariantLine
                  key={row.id}
                  table={table}
                  row={row}
                  number={at + 1}
                  currency={currency}
                  errors={errors.get(row.id) ?? {}}
                  onChange={(next) =>
                    onChange({ ...table, rows: rows.map((each) => (each.id === next.id ? next : each)) })
                  }
                  onRemove={() => remove(at)}
                />
              ))}
            </tbody>
          </table>
        </div>
      )}
      <div className="product-forms-foot">
        <Button
          small
          icon={<PlusOutlined aria-hidden="true" />}
          disabled={rows.length >= MOST_VARIANTS}
          onClick={() => {
            onChange({ ...table, rows: [...rows, emptyVariant()] });
            requestAnimationFrame(() =>
              body.current?.querySelector<HTMLElement>("tr:last-child input")?.focus(),
            );
          }}
        >
          {t("variants.add")}
        </Button>
        {lists && (
          <Button small onClick={() => onChange(withAll(table))}>
            {t("variants.fill")}
          </Button>
        )}
        {rows.length > 0 && (
          <span className="cd-field-hint" role="status">
            {t("variants.count", { count: rows.filter(saysSomething).length })}
          </span>
        )}
      </div>
    </fieldset>
  );
}

interface VariantsProps {
  table: VariantTable;
  /** In words, by the row's id. */
  errors: ReadonlyMap<number, Partial<Record<VariantPart, string>>>;
  /** What the server says of all of them. */
  error: string | undefined;
  currency: string;
  disabled: boolean;
  onChange: (table: VariantTable) => void;
}

function Attributes({ table, onChange }: Pick<VariantsProps, "table" | "onChange">) {
  const { t } = useTranslation("products");
  const list = useRef<HTMLUListElement>(null);
  const { attributes } = table;
  return (
    <>
      <ul ref={list} className="product-attributes">
        {attributes.map((one, at) => {
          const change = (next: Partial<typeof one>) =>
            onChange({
              ...table,
              attributes: attributes.map((each) => (each.id === one.id ? { ...each, ...next } : each)),
            });
          return (
            <li key={one.id}>
              <input
                className="cd-input"
                aria-label={t("variants.attributeOf", { row: at + 1 })}
                placeholder={t("variants.attributePlaceholder")}
                maxLength={50}
                value={one.name}
                onChange={({ target }) => change({ name: target.value })}
              />
              <input
                className="cd-input"
                aria-label={t("variants.valuesOf", { row: at + 1 })}
                placeholder={t("variants.valuesPlaceholder")}
                value={one.values}
                onChange={({ target }) => change({ values: target.value })}
                onKeyDown={(event) => {
                  if (event.key !== "Enter" || event.nativeEvent.isComposing) return;
                  event.preventDefault();
                  onChange(withAll(table));
                }}
              />
              <Button
                look="plain"
                icon={<DeleteOutlined aria-hidden="true" />}
                label={t("variants.removeAttribute", { row: at + 1 })}
                onClick={() =>
                  onChange({ ...table, attributes: attributes.filter((each) => each.id !== one.id) })
                }
              />
            </li>
          );
        })}
      </ul>
      {attributes.length < MOST_ATTRIBUTES && (
        <Button
          small
          icon={<PlusOutlined aria-hidden="true" />}
          onClick={() => {
            onChange({ ...table, attributes: [...attributes, emptyAttribute()] });
            requestAnimationFrame(() =>
              list.current?.querySelector<HTMLElement>("li:last-child input")?.focus(),
            );
          }}
        >
          {t("variants.addAttribute")}
        </Button>
      )}
    </>
  );
}
