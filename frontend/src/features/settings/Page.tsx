import { useTranslation } from "react-i18next";
import { Navigate, NavLink, Route, Routes } from "react-router";
import { type Rights, useRights } from "@/shared/rights";
import { Security } from "@/shared/security/Security";
import { PageHead } from "@/shared/ui";
import "@/shared/ui/rows.css";
import { Appearance } from "./Appearance";
import { Assistant } from "./Assistant";
import { Audit } from "./Audit";
import { Privacy } from "./Privacy";
import { Profile } from "./Profile";
import { Replies } from "./Replies";
import { Team } from "./Team";
import "./settings.css";

const EVERYBODY = () => true;
/** A visitor is a guest: the shop's people, their devices and its papers are none of theirs. */
const PEOPLE = ({ visits }: Rights) => !visits;

const SECTIONS = [
  { name: "profile", Section: Profile, isFor: PEOPLE },
  { name: "assistant", Section: Assistant, isFor: EVERYBODY },
  { name: "replies", Section: Replies, isFor: EVERYBODY },
  { name: "team", Section: Team, isFor: PEOPLE },
  { name: "security", Section: Security, isFor: PEOPLE },
  { name: "audit", Section: Audit, isFor: ({ manages }: Rights) => manages },
  { name: "privacy", Section: Privacy, isFor: ({ owns }: Rights) => owns },
  { name: "appearance", Section: Appearance, isFor: EVERYBODY },
] as const;

export function Component() {
  const { t } = useTranslation("settings");
  const rights = useRights();
  const sections = SECTIONS.filter(({ isFor }) => isFor(rights));
  return (
    <div className="cd-page settings">
      <PageHead title={t("title")} />
      <nav aria-label={t("navLabel")} className="settings-nav">
        {sections.map(({ name }) => (
          <NavLink key={name} to={`/settings/${name}`}>
            {t(`sections.${name}`)}
          </NavLink>
        ))}
      </nav>
      <div className="settings-section">
        <Routes>
          {sections.map(({ name, Section }) => (
            <Route key={name} path={name} element={<Section />} />
          ))}
          <Route
            path="*"
            element={<Navigate to={`/settings/${sections[0]?.name ?? "appearance"}`} replace />}
          />
        </Routes>
      </div>
    </div>
  );
}
