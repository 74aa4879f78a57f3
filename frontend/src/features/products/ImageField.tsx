import { useState } from "react";
import { useTranslation } from "react-i18next";
import { TextField } from "@/shared/ui";
import { Picture } from "./Picture";

/** A link to a picture with the picture beside it. */
export function ImageField({ url, error, onChange }: ImageFieldProps) {
  const { t } = useTranslation("products");
  const [broken, setBroken] = useState<string | null>(null);
  const trimmed = url.trim();
  return (
    <div className="product-image">
      <Picture url={trimmed} size={96} alt={t("editor.imageAlt")} onBroken={setBroken} />
      <TextField
        type="url"
        label={t("editor.image")}
        hint={trimmed !== "" && trimmed === broken ? t("editor.imageBroken") : t("editor.imageHint")}
        optional
        value={url}
        error={error}
        autoComplete="off"
        onChange={(event) => onChange(event.target.value)}
      />
    </div>
  );
}

interface ImageFieldProps {
  url: string;
  error: string | undefined;
  onChange: (url: string) => void;
}
