import { DeleteOutlined, PlusOutlined, VerticalAlignTopOutlined } from "@ant-design/icons";
import { useId, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "@/shared/ui";
import { MOST_IMAGES } from "./draft";
import { Picture } from "./Picture";

/** Links to pictures, each with the picture beside it. The first stands for the product. */
export function ImageFields({ urls, errors, disabled, onChange }: ImageFieldsProps) {
  const { t } = useTranslation("products");
  const id = useId();
  const list = useRef<HTMLUListElement>(null);
  const [broken, setBroken] = useState<ReadonlySet<string>>(new Set());
  const focus = (at: number) =>
    // The row is there after React has drawn it.
    requestAnimationFrame(() => list.current?.querySelectorAll<HTMLElement>("input").item(at)?.focus());
  const remove = (at: number) => {
    onChange(urls.length === 1 ? [""] : urls.filter((_, each) => each !== at));
    focus(Math.min(at, Math.max(urls.length - 2, 0)));
  };
  return (
    <fieldset className="product-group" disabled={disabled} aria-describedby={id}>
      <legend>{t("images.title")}</legend>
      <p className="cd-field-hint" id={id}>
        {t("images.text")}
      </p>
      <ul ref={list} className="product-images">
        {urls.map((url, at) => {
          const error = errors[`image_urls[${at}]`] ?? (at === 0 ? errors.image_urls : undefined);
          const isBroken = url.trim() !== "" && broken.has(url.trim());
          return (
            // biome-ignore lint/suspicious/noArrayIndexKey: a link has no id, and its place is what it is
            <li key={at}>
              <Picture
                url={url.trim()}
                size={56}
                alt={t("images.alt", { row: at + 1 })}
                onBroken={(link) => setBroken((all) => new Set([...all, link]))}
              />
              <div className="product-image-link">
                <input
                  type="url"
                  className="cd-input"
                  aria-label={t("images.linkOf", { row: at + 1 })}
                  placeholder="https://"
                  autoComplete="off"
                  maxLength={2000}
                  value={url}
                  aria-invalid={error ? true : undefined}
                  aria-describedby={error || isBroken ? `${id}-${at}` : undefined}
                  onChange={({ target }) =>
                    onChange(urls.map((link, each) => (each === at ? target.value : link)))
                  }
                />
                {(error || isBroken) && (
                  <span className={error ? "cd-field-error" : "cd-field-hint"} id={`${id}-${at}`}>
                    {error ?? t("images.broken")}
                  </span>
                )}
              </div>
              {at > 0 && (
                <Button
                  look="plain"
                  icon={<VerticalAlignTopOutlined aria-hidden="true" />}
                  label={t("images.first", { row: at + 1 })}
                  onClick={() => {
                    onChange([url, ...urls.filter((_, each) => each !== at)]);
                    focus(0);
                  }}
                />
              )}
              {(urls.length > 1 || url !== "") && (
                <Button
                  look="plain"
                  icon={<DeleteOutlined aria-hidden="true" />}
                  label={t("images.remove", { row: at + 1 })}
                  onClick={() => remove(at)}
                />
              )}
            </li>
          );
        })}
      </ul>
      {urls.length < MOST_IMAGES && (
        <Button
          small
          icon={<PlusOutlined aria-hidden="true" />}
          onClick={() => {
            onChange([...urls, ""]);
            focus(urls.length);
          }}
        >
          {t("images.add")}
        </Button>
      )}
    </fieldset>
  );
}

interface ImageFieldsProps {
  urls: readonly string[];
  errors: Readonly<Record<string, string>>;
  disabled: boolean;
  onChange: (urls: string[]) => void;
}
