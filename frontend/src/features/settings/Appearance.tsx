import { useTranslation } from "react-i18next";
import { applyLanguage, applyTheme } from "@/shared/appearance";
import { chime } from "@/shared/chime";
import { LANGUAGES } from "@/shared/i18n";
import { THEMES, usePreferences } from "@/shared/preferences";
import { Switch, Tabs } from "@/shared/ui";

/** Whoever turns it on hears it, which also tells the browser that it is wanted. */
function setSound(sound: boolean): void {
  usePreferences.setState({ sound });
  if (sound) chime();
}

const SENDS = ["enter", "mod"] as const;

/** What somebody likes on this device; it holds at once. */
export function Appearance() {
  const { t } = useTranslation(["settings", "common"]);
  const { theme, language, enterSends, sound } = usePreferences();
  return (
    <div className="cd-card cd-stack">
      <p className="cd-field-hint">{t("settings:appearance.intro")}</p>
      <div>
        <h2>{t("settings:appearance.theme")}</h2>
        <Tabs
          legend={t("settings:appearance.theme")}
          tabs={THEMES.map((value) => ({ value, label: t(`settings:appearance.themes.${value}`) }))}
          value={theme}
          onChange={applyTheme}
        />
      </div>
      <div>
        <h2>{t("settings:appearance.language")}</h2>
        <Tabs
          legend={t("settings:appearance.language")}
          tabs={LANGUAGES.map((value) => ({ value, label: t(`common:language.${value}`) }))}
          value={language}
          onChange={(value) => void applyLanguage(value)}
        />
      </div>
      <div>
        <h2>{t("settings:appearance.send")}</h2>
        <Tabs
          legend={t("settings:appearance.send")}
          tabs={SENDS.map((value) => ({ value, label: t(`settings:appearance.sends.${value}`) }))}
          value={enterSends ? "enter" : "mod"}
          onChange={(value) => usePreferences.setState({ enterSends: value === "enter" })}
        />
      </div>
      <div>
        <h2>{t("settings:appearance.sound")}</h2>
        <Switch label={t("settings:appearance.soundLabel")} on={sound} onChange={setSound}>
          {t("settings:appearance.soundLabel")}
        </Switch>
        <p className="cd-field-hint">{t("settings:appearance.soundHint")}</p>
      </div>
    </div>
  );
}
