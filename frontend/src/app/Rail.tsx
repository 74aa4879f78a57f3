import {
  ApiOutlined,
  AppstoreOutlined,
  BarChartOutlined,
  ExperimentOutlined,
  InboxOutlined,
  SettingOutlined,
} from "@ant-design/icons";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { NavLink, useLocation } from "react-router";
import { AccountMenu } from "./AccountMenu";
import { useUnread, useUnreadInTitle } from "./unread";

const PAGES: { to: string; name: PageName; icon: ReactNode; onPhone: boolean }[] = [
  { to: "/inbox", name: "inbox", icon: <InboxOutlined />, onPhone: true },
  { to: "/products", name: "products", icon: <AppstoreOutlined />, onPhone: true },
  { to: "/preview", name: "preview", icon: <ExperimentOutlined />, onPhone: false },
  { to: "/dashboard", name: "dashboard", icon: <BarChartOutlined />, onPhone: true },
  { to: "/channels", name: "channels", icon: <ApiOutlined />, onPhone: false },
  { to: "/settings", name: "settings", icon: <SettingOutlined />, onPhone: true },
];
/** Pages that belong to another one, with its entry. */
const PARTS: Partial<Record<PageName, readonly string[]>> = {
  preview: ["/knowledge", "/unanswered", "/replay"],
};
type PageName = "inbox" | "products" | "preview" | "dashboard" | "channels" | "settings";

/** The way to every page: a slim column at the side, on a phone a bar at the bottom. */
export function Rail() {
  const { t } = useTranslation();
  const { pathname } = useLocation();
  const unread = useUnread();
  useUnreadInTitle(unread);
  return (
    <nav className="app-rail" aria-label={t("nav.label")}>
      <img className="app-logo" src="/favicon.svg" alt="ChatDesk" width={32} height={32} />
      <ul>
        {PAGES.map(({ to, name, icon, onPhone }) => (
          <li key={to} className={onPhone ? undefined : "app-wide-only"}>
            <NavLink
              to={to}
              className={
                PARTS[name]?.some((part) => pathname.startsWith(part)) ? "app-link app-link-in" : "app-link"
              }
            >
              <span className="app-link-icon" aria-hidden="true">
                {icon}
                {name === "inbox" && unread > 0 && (
                  <span className="cd-badge cd-badge-count">{unread > 99 ? "99+" : unread}</span>
                )}
              </span>
              <span className="app-link-text">{t(`nav.${name}`)}</span>
              {name === "inbox" && unread > 0 && (
                <span className="cd-hidden">{t("nav.unread", { count: unread })}</span>
              )}
            </NavLink>
          </li>
        ))}
      </ul>
      <AccountMenu />
    </nav>
  );
}
