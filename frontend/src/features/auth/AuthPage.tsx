import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { applyLanguage } from "@/shared/appearance";
import { LANGUAGES } from "@/shared/i18n";
import { usePreferences } from "@/shared/preferences";
import "./auth.css";

/** The frame of the pages that need no session. */
export function AuthPage({ title, children }: { title: string; children: ReactNode }) {
  const { t } = useTranslation(["auth", "common"]);
  const language = usePreferences((state) => state.language);
  return (
    <main className="auth">
      <title>{`${title} · ChatDesk`}</title>
      <div className="auth-card">
        <p className="auth-brand">
          <img src="/favicon.svg" alt="" width={28} height={28} /> ChatDesk
        </p>
        <p className="auth-tagline">{t("auth:tagline")}</p>
        <h1>{title}</h1>
        {children}
      </div>
      <p className="auth-languages">
        {LANGUAGES.map((one) => (
          <button
            key={one}
            type="button"
            className="cd-btn cd-btn-link"
            lang={one}
            aria-pressed={one === language}
            onClick={() => void applyLanguage(one)}
          >
            {t(`common:language.${one}`)}
          </button>
        ))}
      </p>
    </main>
  );
}
