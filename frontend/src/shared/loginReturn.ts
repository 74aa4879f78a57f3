/** Where Meta's login comes back to. */
export const RETURN_PATH = "/channels/callback";

/** What it brought back. */
export interface LoginReturn {
  code: string | null;
  state: string | null;
  /** Why there is no code. */
  error: string | null;
}

let returned: LoginReturn | null = null;

/**
 * Takes it out of the address, before anything can show it, keep it in the history or pass it on with the address: whoever has the
 * code may connect the pages. It lives in this window's memory only, also while the person has to log in first.
 */
export function takeLoginReturn(): void {
  const { pathname, search, hash } = window.location;
  if (pathname !== RETURN_PATH || (search === "" && hash === "")) return;
  const params = new URLSearchParams(search);
  returned = { code: params.get("code"), state: params.get("state"), error: params.get("error") };
  window.history.replaceState(window.history.state, "", RETURN_PATH);
}

export function loginReturn(): LoginReturn | null {
  return returned;
}

/** It works once. */
export function forgetLoginReturn(): void {
  returned = null;
}
