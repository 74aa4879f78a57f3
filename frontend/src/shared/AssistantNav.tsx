import { useTranslation } from "react-i18next";
import { NavLink } from "react-router";
import { useRights } from "./rights";
import "./assistantNav.css";

const PAGES = ["preview", "knowledge", "unanswered", "replay"] as const;

/** The ways between the assistant's pages. */
export function AssistantNav() {
  const { t } = useTranslation();
  const { manages } = useRights();
  return (
    <nav className="cd-subnav" aria-label={t("assistantNav.label")}>
      {PAGES.filter((name) => manages || name !== "replay").map((name) => (
        <NavLink key={name} to={`/${name}`}>
          {t(`assistantNav.${name}`)}
        </NavLink>
      ))}
    </nav>
  );
}
