import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import { useSession } from "@/api/session";
import { applyLanguage, applyTheme } from "@/shared/appearance";
import { LANGUAGES } from "@/shared/i18n";
import { NARROW, useMedia } from "@/shared/media";
import { THEMES, usePreferences } from "@/shared/preferences";
import { ConfirmDialog } from "@/shared/ui/Dialog";
import { Menu, type MenuEntry } from "@/shared/ui/Menu";
import { Avatar } from "@/shared/ui/small";
import { leave, leaveEverywhere } from "./leaving";

/** Who is here, how the app looks, and the ways out. On a phone also the pages that the bar has no room for. */
export function AccountMenu() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const user = useSession((state) => state.user);
  const { theme, language } = usePreferences();
  const [asking, setAsking] = useState(false);
  const name = user?.name || user?.email || "";
  const isNarrow = useMedia(NARROW);

  const more: MenuEntry[] = [
    { key: "preview", label: t("nav.preview"), onSelect: () => void navigate("/preview") },
    { key: "channels", label: t("nav.channels"), onSelect: () => void navigate("/channels") },
    { key: "after-more", divider: true },
  ];
  const entries: MenuEntry[] = [
    ...(isNarrow ? more : []),
    ...THEMES.map((one) => ({
      key: one,
      label: t(`theme.${one}`),
      checked: theme === one,
      onSelect: () => applyTheme(one),
    })),
    { key: "after-themes", divider: true },
    ...LANGUAGES.map((one) => ({
      key: one,
      label: t(`language.${one}`),
      checked: language === one,
      onSelect: () => void applyLanguage(one),
    })),
    { key: "after-languages", divider: true },
    { key: "logout", label: t("account.logout"), onSelect: leave },
    {
      key: "everywhere",
      label: t("account.logoutEverywhere"),
      danger: true,
      onSelect: () => setAsking(true),
    },
  ];
  return (
    <div className="app-account">
      <Menu
        button={{
          look: "plain",
          icon: <Avatar name={name} size={32} />,
          label: `${t("account.menu")}: ${name}`,
          className: "app-account-button",
        }}
        entries={entries}
        side="above"
        align={isNarrow ? "end" : "start"}
      />
      {asking && (
        <ConfirmDialog
          title={t("account.logoutEverywhere")}
          text={t("account.logoutEverywhereText")}
          confirm={t("account.logoutEverywhere")}
          danger
          onClose={() => setAsking(false)}
          onConfirm={() => {
            setAsking(false);
            leaveEverywhere();
          }}
        />
      )}
    </div>
  );
}
