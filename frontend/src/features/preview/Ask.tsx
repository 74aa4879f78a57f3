import { type FormEvent, type KeyboardEvent, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { keepFocus } from "@/shared/keepFocus";
import { isComposing } from "@/shared/keys";
import { usePreferences } from "@/shared/preferences";
import { Button, TextArea } from "@/shared/ui";

const LONGEST = 10_000;

export function Ask({ disabled, isAsking, onAsk }: AskProps) {
  const { t } = useTranslation("preview");
  const enterSends = usePreferences((state) => state.enterSends);
  const [text, setText] = useState("");
  const field = useRef<HTMLTextAreaElement>(null);
  const isTooLong = Array.from(text).length > LONGEST;

  const ask = () => {
    if (isAsking || isTooLong || text.trim() === "") return;
    onAsk(text.trim());
    setText("");
    field.current?.focus();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== "Enter" || event.shiftKey || isComposing(event.nativeEvent)) return;
    if (!enterSends && !event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    ask();
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    ask();
  };
  return (
    <form className="preview-ask" onSubmit={submit}>
      <div className="preview-ask-inner">
        <TextArea
          ref={field}
          label={t("question")}
          hideLabel
          placeholder={t("placeholder")}
          rows={1}
          value={text}
          disabled={disabled}
          error={isTooLong ? t("tooLong") : undefined}
          onChange={(event) => setText(event.target.value)}
          onKeyDown={onKeyDown}
        />
        <Button
          type="submit"
          look="primary"
          busy={isAsking}
          disabled={disabled || isTooLong || text.trim() === ""}
          onMouseDown={keepFocus}
        >
          {t("ask")}
        </Button>
      </div>
    </form>
  );
}

interface AskProps {
  disabled: boolean;
  isAsking: boolean;
  onAsk: (text: string) => void;
}
