import { create } from "zustand";
import { persist } from "zustand/middleware";
import type { Language } from "./i18n";

export const THEMES = ["light", "dark", "system"] as const;
export type Theme = (typeof THEMES)[number];

interface Preferences {
  theme: Theme;
  language: Language;
  /** Widths in px and other small things of a pane, by name. */
  panes: Record<string, number>;
  /** Whether Enter alone sends. */
  enterSends: boolean;
  /** Whether a sound tells of new messages. */
  sound: boolean;
}

/** What somebody likes on this device. `app/first-paint.js` reads theme and language from the same place. */
export const usePreferences = create<Preferences>()(
  persist(
    (): Preferences => ({ theme: "system", language: "vi", panes: {}, enterSends: true, sound: false }),
    { name: "cd.preferences", version: 1 },
  ),
);

export function setPane(name: string, value: number): void {
  usePreferences.setState((state) => ({ panes: { ...state.panes, [name]: value } }));
}
