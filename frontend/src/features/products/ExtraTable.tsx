import { DeleteOutlined, PlusOutlined } from "@ant-design/icons";
import { useId, useRef } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "@/shared/ui";
import { type ExtraRow, emptyRow, isKind, KINDS, type RowProblem } from "./extra";

/** Everything else there is to say of a product, as rows of a name and a value. */
export function ExtraTable({ rows, problems, error, disabled, onChange }: ExtraTableProps) {
  const { t } = useTranslation("products");
  const id = useId();
  const body = useRef<HTMLTableSectionElement>(null);

  const change = (next: ExtraRow) => onChange(rows.map((row) => (row.id === next.id ? next : row)));
  const remove = (row: ExtraRow) => {
    // The last one is emptied: there is always a row to write in.
    if (rows.length === 1) onChange([{ ...emptyRow(), id: row.id }]);
    else onChange(rows.filter((each) => each.id !== row.id));
    const at = rows.indexOf(row);
    const lines = body.current?.children;
    // Before the row goes, and with it the focus.
    (lines?.item(at + 1) ?? lines?.item(at - 1) ?? lines?.item(at))?.querySelector("input")?.focus();
  };
  return (
    <fieldset
      className="product-extra"
      disabled={disabled}
      aria-describedby={error ? `${id} ${id}-error` : id}
    >
      <legend>{t("extra.title")}</legend>
      <p className="cd-field-hint" id={id}>
        {t("extra.text")}
      </p>
      {error && (
        <p className="cd-field-error" id={`${id}-error`}>
          {error}
        </p>
      )}
      <table>
        <thead>
          <tr>
            <th scope="col">{t("extra.name")}</th>
            <th scope="col">{t("extra.kind")}</th>
            <th scope="col">{t("extra.value")}</th>
            <td />
          </tr>
        </thead>
        <tbody ref={body}>
          {rows.map((row, at) => (
            <Row
              key={row.id}
              row={row}
              number={at + 1}
              problem={problems.get(row.id)}
              onChange={change}
              onRemove={() => remove(row)}
            />
          ))}
        </tbody>
      </table>
      <Button
        small
        icon={<PlusOutlined aria-hidden="true" />}
        onClick={() => {
          onChange([...rows, emptyRow()]);
          // The new row is there after React has drawn it.
          requestAnimationFrame(() =>
            body.current?.querySelector<HTMLElement>("tr:last-child input")?.focus(),
          );
        }}
      >
        {t("extra.add")}
      </Button>
    </fieldset>
  );
}

interface ExtraTableProps {
  rows: readonly ExtraRow[];
  problems: ReadonlyMap<number, RowProblem>;
  /** What the server says of all of it. */
  error: string | undefined;
  disabled: boolean;
  onChange: (rows: ExtraRow[]) => void;
}

function Row({ row, number, problem, onChange, onRemove }: RowProps) {
  const { t } = useTranslation("products");
  const id = useId();
  const atName = problem === "name_required" || problem === "name_twice";
  const described = { "aria-invalid": true, "aria-describedby": id } as const;
  return (
    <tr>
      <td>
        <input
          className="cd-input"
          aria-label={t("extra.nameOf", { row: number })}
          placeholder={t("extra.namePlaceholder")}
          value={row.name}
          onChange={(event) => onChange({ ...row, name: event.target.value })}
          {...(atName ? described : {})}
        />
      </td>
      <td>
        <select
          className="cd-input"
          aria-label={t("extra.kindOf", { row: number })}
          value={row.kind}
          onChange={({ target }) => {
            if (isKind(target.value)) onChange({ ...row, kind: target.value });
          }}
        >
          {KINDS.map((kind) => (
            <option key={kind} value={kind}>
              {t(`extra.kinds.${kind}`)}
            </option>
          ))}
        </select>
      </td>
      <td>
        <Value
          row={row}
          number={number}
          onChange={onChange}
          described={problem && !atName ? described : {}}
        />
        {problem && (
          <span className="cd-field-error" id={id}>
            {t(`extra.problems.${problem}`)}
          </span>
        )}
      </td>
      <td>
        <Button
          look="plain"
          icon={<DeleteOutlined aria-hidden="true" />}
          label={t("extra.remove", { row: number })}
          onClick={onRemove}
        />
      </td>
    </tr>
  );
}

interface RowProps {
  row: ExtraRow;
  number: number;
  problem: RowProblem | undefined;
  onChange: (row: ExtraRow) => void;
  onRemove: () => void;
}

function Value({ row, number, onChange, described }: ValueProps) {
  const { t } = useTranslation("products");
  const shared = {
    ...described,
    className: row.kind === "json" ? "cd-input product-json" : "cd-input",
    "aria-label": t("extra.valueOf", { row: number }),
    value: row.text,
  };
  if (row.kind === "number") {
    return (
      <input
        {...shared}
        inputMode="decimal"
        placeholder={t("extra.numberPlaceholder")}
        onChange={(event) => onChange({ ...row, text: event.target.value })}
      />
    );
  }
  return (
    <textarea
      {...shared}
      rows={1}
      spellCheck={row.kind !== "json"}
      {...(row.kind === "list" ? { placeholder: t("extra.listPlaceholder") } : {})}
      onChange={(event) => onChange({ ...row, text: event.target.value })}
    />
  );
}

interface ValueProps {
  row: ExtraRow;
  number: number;
  onChange: (row: ExtraRow) => void;
  described: { "aria-invalid"?: true; "aria-describedby"?: string };
}
