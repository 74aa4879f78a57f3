import { QueryClientProvider } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { Navigate, NavLink, Route, Routes, useNavigate } from "react-router";
import { logout } from "@/api/auth";
import { makeQueryClient } from "@/api/client";
import { useSession } from "@/api/session";
import { applyLanguage, applyTheme } from "@/shared/appearance";
import { LANGUAGES } from "@/shared/i18n";
import { errorText } from "@/shared/i18n/errors";
import { THEMES, usePreferences } from "@/shared/preferences";
import { ButtonLink } from "@/shared/ui/ButtonLink";
import { Menu, type MenuEntry } from "@/shared/ui/Menu";
import { EmptyState } from "@/shared/ui/states";
import { Toasts, toast } from "@/shared/ui/toast";
import { AccountPage } from "./AccountPage";
import { Audit } from "./Audit";
import { Channels } from "./Channels";
import { System } from "./System";
import { TenantPage } from "./TenantPage";
import { Tenants } from "./Tenants";
import { Usage } from "./Usage";
import { Work } from "./Work";
import "./console.css";

const SECTIONS = [
  { name: "tenants", Section: Tenants },
  { name: "channels", Section: Channels },
  { name: "work", Section: Work },
  { name: "usage", Section: Usage },
  { name: "system", Section: System },
  { name: "audit", Section: Audit },
] as const;

/** Where platform admins run the installation. It shares no frame, no cache and no colours with a shop's pages. */
export function Component() {
  const { t } = useTranslation("console");
  const [client] = useState(makeQueryClient);
  const isAdmin = useSession((state) => state.user?.role === "admin");
  useEffect(() => () => client.clear(), [client]);
  return (
    <QueryClientProvider client={client}>
      <div className="console">
        {isAdmin ? (
          <Frame />
        ) : (
          <main className="console-main">
            <EmptyState
              title={t("notAllowed.title")}
              text={t("notAllowed.text")}
              action={<ButtonLink to="/inbox">{t("notAllowed.inbox")}</ButtonLink>}
            />
          </main>
        )}
        <Toasts />
      </div>
    </QueryClientProvider>
  );
}

function Frame() {
  const { t } = useTranslation(["console", "common"]);
  return (
    <>
      <a className="console-skip" href="#content">
        {t("common:skipToContent")}
      </a>
      <header className="console-head">
        <p className="console-brand">
          <img src="/favicon.svg" alt="" width={24} height={24} /> ChatDesk <span>{t("console:brand")}</span>
        </p>
        <nav aria-label={t("console:navLabel")}>
          {SECTIONS.map(({ name }) => (
            <NavLink key={name} to={`/admin/${name}`}>
              {t(`console:nav.${name}`)}
            </NavLink>
          ))}
        </nav>
        <Account />
      </header>
      <main id="content" className="console-main" tabIndex={-1}>
        <Routes>
          {SECTIONS.map(({ name, Section }) => (
            <Route key={name} path={name} element={<Section />} />
          ))}
          <Route path="tenants/:id" element={<TenantPage />} />
          <Route path="account" element={<AccountPage />} />
          <Route path="*" element={<Navigate to="/admin/tenants" replace />} />
        </Routes>
      </main>
    </>
  );
}

function Account() {
  const { t } = useTranslation(["console", "common"]);
  const navigate = useNavigate();
  const email = useSession((state) => state.user?.email) ?? "";
  const { theme, language } = usePreferences();
  const leave = () => void logout().catch((error: unknown) => toast(errorText(error), { tone: "error" }));
  const entries: MenuEntry[] = [
    ...THEMES.map((one) => ({
      key: one,
      label: t(`common:theme.${one}`),
      checked: theme === one,
      onSelect: () => applyTheme(one),
    })),
    { key: "after-themes", divider: true },
    ...LANGUAGES.map((one) => ({
      key: one,
      label: t(`common:language.${one}`),
      checked: language === one,
      onSelect: () => void applyLanguage(one),
    })),
    { key: "after-languages", divider: true },
    { key: "account", label: t("console:nav.account"), onSelect: () => void navigate("/admin/account") },
    { key: "logout", label: t("common:account.logout"), onSelect: leave },
  ];
  return (
    <Menu
      button={{ small: true, children: <bdi>{email}</bdi>, label: `${t("common:account.menu")}: ${email}` }}
      entries={entries}
      align="end"
    />
  );
}
