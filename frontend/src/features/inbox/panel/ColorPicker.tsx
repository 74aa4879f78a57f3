import { useId } from "react";
import { useTranslation } from "react-i18next";
import type { LabelColor } from "@/api/gen/model";

const COLORS = ["gray", "red", "orange", "green", "blue", "purple"] as const satisfies readonly LabelColor[];

export function ColorPicker({
  value,
  onChange,
}: {
  value: LabelColor;
  onChange: (color: LabelColor) => void;
}) {
  const { t } = useTranslation("inbox");
  const name = useId();
  return (
    <fieldset className="in-colors">
      <legend className="cd-hidden">{t("labels.color")}</legend>
      {COLORS.map((color) => (
        <label key={color} className={`in-color in-label-${color}`} title={t(`labels.colors.${color}`)}>
          <input
            type="radio"
            name={name}
            checked={color === value}
            aria-label={t(`labels.colors.${color}`)}
            onChange={() => onChange(color)}
          />
        </label>
      ))}
    </fieldset>
  );
}
