import { useState } from "react";
import { useTranslation } from "react-i18next";
import { saveFile } from "./saveFile";
import { takeFocus } from "./takeFocus";
import { Button } from "./ui/Button";

/** Codes that are shown this once. Going on takes saying that they are kept. */
export function RecoveryCodes({ codes, onKept }: { codes: readonly string[]; onKept: () => void }) {
  const { t } = useTranslation("access");
  const [kept, setKept] = useState(false);
  const save = () =>
    saveFile("chatdesk-recovery-codes.txt", new Blob([`${codes.join("\n")}\n`], { type: "text/plain" }));
  return (
    <div className="cd-stack">
      <p ref={takeFocus} tabIndex={-1}>
        {t("recovery.text")}
      </p>
      <ul className="cd-codes" aria-label={t("recovery.title")}>
        {codes.map((code) => (
          <li key={code}>
            <code>{code}</code>
          </li>
        ))}
      </ul>
      <div className="cd-row">
        <Button onClick={save}>{t("recovery.save")}</Button>
      </div>
      <label className="cd-row">
        <input type="checkbox" checked={kept} onChange={(event) => setKept(event.target.checked)} />
        <span>{t("recovery.kept")}</span>
      </label>
      <div className="cd-row">
        <Button look="primary" disabled={!kept} onClick={onKept}>
          {t("recovery.go")}
        </Button>
      </div>
    </div>
  );
}
