import { useTranslation } from "react-i18next";
import { keepFocus } from "@/shared/keepFocus";
import { Button } from "@/shared/ui";

/** The end of a form: it can be saved as soon as something changed. */
export function SaveBar({ dirty, busy, onForget }: { dirty: boolean; busy: boolean; onForget: () => void }) {
  const { t } = useTranslation(["settings", "common"]);
  return (
    <div className="settings-save">
      {dirty && !busy && (
        <Button look="plain" onMouseDown={keepFocus} onClick={onForget}>
          {t("settings:discard")}
        </Button>
      )}
      <Button type="submit" look="primary" busy={busy} disabled={!dirty} onMouseDown={keepFocus}>
        {t("common:save")}
      </Button>
    </div>
  );
}
