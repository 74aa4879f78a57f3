import { useSyncExternalStore } from "react";
import { type Language, setLanguage } from "./i18n";
import { type Theme, usePreferences } from "./preferences";

const systemDark = matchMedia("(prefers-color-scheme: dark)");

function isDark(): boolean {
  const { theme } = usePreferences.getState();
  return theme === "dark" || (theme === "system" && systemDark.matches);
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

/** Keeps the page in the chosen theme, also when another tab or the system changes it. */
export function followTheme(): void {
  const paint = () => {
    document.documentElement.dataset.theme = isDark() ? "dark" : "light";
  };
  paint();
  subscribe(paint);
}

export function applyTheme(theme: Theme): void {
  usePreferences.setState({ theme });
}

export async function applyLanguage(language: Language): Promise<void> {
  await setLanguage(language);
  usePreferences.setState({ language });
}
