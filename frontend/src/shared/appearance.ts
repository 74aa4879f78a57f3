import { useSyncExternalStore } from "react";
import { currentLanguage, type Language, setLanguage } from "./i18n";
import { type Theme, usePreferences } from "./preferences";

const systemDark = matchMedia("(prefers-color-scheme: dark)");
// Kept here and never asked of the query again: whoever asks it after a change and before the event of it makes Chromium skip the event.
let isSystemDark = systemDark.matches;
systemDark.addEventListener("change", ({ matches }) => {
  isSystemDark = matches;
});

function isDark(): boolean {
  const { theme } = usePreferences.getState();
  return theme === "dark" || (theme === "system" && isSystemDark);
}

/** Whether the page is dark at this moment, by choice or because the system is. */
export function useIsDark(): boolean {
  return useSyncExternalStore(subscribe, isDark);
}

function subscribe(changed: () => void): () => void {
  const stop = usePreferences.subscribe(changed);
  systemDark.addEventListener("change", changed);
  return () => {
    stop();
    systemDark.removeEventListener("change", changed);
  };
}

/** Keeps the page in the chosen theme and language, also when another tab or the system changes them. */
export function followPreferences(): void {
  const paint = () => {
    document.documentElement.dataset.theme = isDark() ? "dark" : "light";
  };
  paint();
  subscribe(paint);
  addEventListener("storage", ({ key }) => {
    if (key === usePreferences.persist.getOptions().name) void takeUp();
  });
}

/** What another tab chose. Without it, the next thing chosen here would undo it. */
async function takeUp(): Promise<void> {
  await usePreferences.persist.rehydrate();
  const { language } = usePreferences.getState();
  // Without a network its words cannot be loaded; then the page stays as it is.
  if (language !== currentLanguage()) await setLanguage(language).catch(() => {});
}

export function applyTheme(theme: Theme): void {
  usePreferences.setState({ theme });
}

export async function applyLanguage(language: Language): Promise<void> {
  await setLanguage(language);
  usePreferences.setState({ language });
}
