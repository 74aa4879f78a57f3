/// <reference types="vite/client" />

interface ImportMetaEnv {
  /** Where the API is, when not where the app is. */
  readonly VITE_API_URL?: string;
  /** Where the live socket is, when not where the API is. */
  readonly VITE_WS_URL?: string;
}
