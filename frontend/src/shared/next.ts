/** Where to go after login. Only addresses of this app: "//evil.example" and "/\evil" lead elsewhere. */
export function nextAddress(search: string, home = "/inbox"): string {
  const next = new URLSearchParams(search).get("next");
  return next !== null && isOwn(next) ? next : home;
}

function isOwn(address: string): boolean {
  if (!address.startsWith("/") || /^\/[/\\]/.test(address)) return false;
  return (
    URL.canParse(address, location.origin) && new URL(address, location.origin).origin === location.origin
  );
}

/** The address of the login page that leads back to this one. */
export function loginAddress(from: { pathname: string; search: string; hash: string }): string {
  const address = `${from.pathname}${from.search}${from.hash}`;
  return address === "/" || address === "/inbox" ? "/login" : `/login?next=${encodeURIComponent(address)}`;
}
