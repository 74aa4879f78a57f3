const KEY = "cd.reloaded";
const AGAIN_AFTER_MS = 60_000;

/** After a deploy the old page asks for files that are gone: reload once, and not in circles. */
export function reloadOnMissingChunk(): void {
  addEventListener("vite:preloadError", (event) => {
    const last = Number(sessionStorage.getItem(KEY) ?? 0);
    if (Date.now() - last < AGAIN_AFTER_MS) return;
    sessionStorage.setItem(KEY, String(Date.now()));
    event.preventDefault();
    location.reload();
  });
}
