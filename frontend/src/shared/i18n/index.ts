import i18n from "i18next";
import { initReactI18next } from "react-i18next";
import auth from "./vi/auth.json";
import common from "./vi/common.json";
import errors from "./vi/errors.json";

export const LANGUAGES = ["vi", "en"] as const;
export type Language = (typeof LANGUAGES)[number];

/** What login needs comes with the app in Vietnamese; everything else is loaded with the page or the language. */
const FIRST = { auth, common, errors };
const wanted = new Set<string>(Object.keys(FIRST));
const FILES = import.meta.glob<Record<string, unknown>>(
  ["./{vi,en}/*.json", "!./vi/{auth,common,errors}.json"],
  {
    import: "default",
  },
);

export async function startWords(language: Language): Promise<void> {
  await i18n.use(initReactI18next).init({
    lng: "vi",
    fallbackLng: "vi",
    ns: Object.keys(FIRST),
    defaultNS: "common",
    resources: { vi: FIRST },
    // React shows every text as text.
    interpolation: { escapeValue: false },
    react: { useSuspense: false },
  });
  await setLanguage(language);
}

/** Loads everything that is on screen in another language, then switches. */
export async function setLanguage(language: Language): Promise<void> {
  await Promise.all([...wanted].map((namespace) => load(language, namespace)));
  document.documentElement.lang = language;
  await i18n.changeLanguage(language);
}

/** Makes namespaces ready in the current language. Routes call it together with loading their page. */
export async function loadWords(...namespaces: string[]): Promise<void> {
  for (const namespace of namespaces) wanted.add(namespace);
  await Promise.all(namespaces.map((namespace) => load(currentLanguage(), namespace)));
}

export function currentLanguage(): Language {
  return i18n.language === "en" ? "en" : "vi";
}

async function load(language: Language, namespace: string): Promise<void> {
  if (i18n.hasResourceBundle(language, namespace)) return;
  const file = FILES[`./${language}/${namespace}.json`];
  if (file === undefined) throw new Error(`there are no words ${language}/${namespace}`);
  i18n.addResourceBundle(language, namespace, await file());
}

export { i18n };
