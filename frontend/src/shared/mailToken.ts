/** Where links of mails lead to. */
const PATHS = ["/invitation", "/password-reset"];

let token: string | null = null;

/**
 * Takes the token of a mail's link out of the address before anything can show it, keep it in the history or pass it on. It stands
 * behind the #, so that no server has seen it either.
 */
export function takeMailToken(): void {
  const { pathname, hash } = window.location;
  if (!isMailLink()) return;
  token = hash.slice(1);
  window.history.replaceState(window.history.state, "", pathname);
}

/** A link that is put into the address of a window with the page open already changes nothing but the hash: the page starts anew. */
export function followMailLinks(): void {
  window.addEventListener("hashchange", () => {
    if (isMailLink()) window.location.reload();
  });
}

function isMailLink(): boolean {
  const { pathname, hash } = window.location;
  return PATHS.includes(pathname) && hash.length > 1;
}

export function mailToken(): string | null {
  return token;
}

/** It works once. */
export function forgetMailToken(): void {
  token = null;
}
