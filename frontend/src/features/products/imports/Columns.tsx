import { useTranslation } from "react-i18next";
import type { ImportColumn } from "@/api/gen/model";
import { fieldText } from "./words";

/** Which column of the file was taken for what. */
export function Columns({ columns }: { columns: readonly ImportColumn[] }) {
  const { t } = useTranslation("imports");
  return (
    <details className="imports-columns">
      <summary>{t("columns.title", { count: columns.length })}</summary>
      <p className="cd-field-hint">{t("columns.text")}</p>
      <ul>
        {columns.map(({ header, field }, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: columns may have no header, and never move
          <li key={at}>
            <bdi>{header === "" ? t("columns.blank") : header}</bdi>
            <span aria-hidden="true">→</span>
            <span className={field === "ignored" ? "cd-field-hint" : undefined}>{fieldText(field)}</span>
          </li>
        ))}
      </ul>
    </details>
  );
}
