import { useTranslation } from "react-i18next";
import { Navigate, NavLink, Route, Routes } from "react-router";
import { PageHead } from "@/shared/ui";
import { Appearance } from "./Appearance";
import { Assistant } from "./Assistant";
import { Profile } from "./Profile";
import { Replies } from "./Replies";
import { Security } from "./Security";
import { Team } from "./Team";
import "./settings.css";

const SECTIONS = [
  { name: "profile", Section: Profile },
  { name: "assistant", Section: Assistant },
  { name: "replies", Section: Replies },
  { name: "team", Section: Team },
  { name: "security", Section: Security },
  { name: "appearance", Section: Appearance },
] as const;

export function Component() {
  const { t } = useTranslation("settings");
  return (
    <div className="cd-page settings">
      <PageHead title={t("title")} />
      <nav aria-label={t("navLabel")} className="settings-nav">
        {SECTIONS.map(({ name }) => (
          <NavLink key={name} to={`/settings/${name}`}>
            {t(`sections.${name}`)}
          </NavLink>
        ))}
      </nav>
      <div className="settings-section">
        <Routes>
          {SECTIONS.map(({ name, Section }) => (
            <Route key={name} path={name} element={<Section />} />
          ))}
          <Route path="*" element={<Navigate to="/settings/profile" replace />} />
        </Routes>
      </div>
    </div>
  );
}
