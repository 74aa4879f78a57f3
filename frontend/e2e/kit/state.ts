/** What a browser keeps of somebody who is logged in: the cookie as a login gave it, and what the app keeps beside it. */
export function stateWith(
  origin: string,
  cookie: string | null,
  kept: { name: string; value: string }[] = [],
) {
  const [, name = "", value = ""] = /^([^=]+)=(.*)$/.exec(cookie ?? "") ?? [];
  const where = { domain: "127.0.0.1", path: "/", expires: -1, httpOnly: true, secure: false };
  return {
    cookies: [{ name, value, ...where, sameSite: "Strict" as const }],
    origins: [{ origin, localStorage: [...kept, { name: "cd.session", value: "1" }] }],
  };
}
