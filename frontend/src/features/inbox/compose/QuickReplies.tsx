import { CloseOutlined } from "@ant-design/icons";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { isComposing } from "@/shared/keys";
import { Button } from "@/shared/ui";
import { addTitle, LONGEST_TITLE, MOST_TITLES } from "./titles";

interface Props {
  titles: readonly string[];
  onChange: (titles: string[]) => void;
  /** Whether one more can be written now. */
  isOpen: boolean;
  onClose: () => void;
}

/** The answers to tap that go with the next text. */
export function QuickReplies({ titles, onChange, isOpen, onClose }: Props) {
  const { t } = useTranslation(["inbox", "common"]);
  const [text, setText] = useState("");
  if (!isOpen && titles.length === 0) return null;
  const isFull = titles.length >= MOST_TITLES;
  const add = () => {
    onChange(addTitle(titles, text));
    setText("");
  };
  return (
    <fieldset className="in-quick-edit">
      <legend>{t("quick.title")}</legend>
      {titles.length > 0 && (
        <ul className="in-quick">
          {titles.map((title) => (
            <li key={title}>
              <bdi>{title}</bdi>
              <button
                type="button"
                aria-label={t("quick.remove", { title })}
                onClick={() => onChange(titles.filter((one) => one !== title))}
              >
                <CloseOutlined aria-hidden="true" />
              </button>
            </li>
          ))}
        </ul>
      )}
      {isOpen && (
        <div className="cd-row">
          <input
            className="cd-input in-quick-field"
            // biome-ignore lint/a11y/noAutofocus: it comes where somebody asked for it
            autoFocus
            aria-label={t("quick.field")}
            placeholder={isFull ? t("quick.full", { most: MOST_TITLES }) : t("quick.field")}
            maxLength={LONGEST_TITLE}
            disabled={isFull}
            value={text}
            onChange={(event) => setText(event.target.value)}
            onKeyDown={(event) => {
              if (isComposing(event.nativeEvent)) return;
              if (event.key === "Enter") {
                event.preventDefault();
                add();
              } else if (event.key === "Escape") {
                event.preventDefault();
                onClose();
              }
            }}
          />
          <Button small disabled={isFull || text.trim() === ""} onClick={add}>
            {t("quick.add")}
          </Button>
          <Button small look="plain" onClick={onClose}>
            {t("quick.done")}
          </Button>
        </div>
      )}
    </fieldset>
  );
}
