const KEY = "cd.reloaded";
const AGAIN_AFTER_MS = 60_000;
const PATIENCE_MS = 5_000;

let asking: Promise<boolean> | null = null;

/**
 * A part of the app could not be loaded. After a deploy the old page asks for files that are gone: then it is loaded anew, once and
 * not in circles, and this never resolves. Without a network that would only lose what is on screen: then it resolves.
 * True when the server answers.
 */
export function reloadIfDeployed(): Promise<boolean> {
  asking ??= answers()
    .then((isThere) => (isThere && mayReload() ? reload() : isThere))
    .finally(() => {
      asking = null;
    });
  return asking;
}

/** Also for parts that no page waits for. */
export function reloadOnMissingChunk(): void {
  addEventListener("vite:preloadError", () => void reloadIfDeployed());
}

async function answers(): Promise<boolean> {
  try {
    return (await fetch("/", { cache: "no-store", signal: AbortSignal.timeout(PATIENCE_MS) })).ok;
  } catch {
    return false;
  }
}

function mayReload(): boolean {
  try {
    const last = Number(sessionStorage.getItem(KEY) ?? 0);
    if (Date.now() - last < AGAIN_AFTER_MS) return false;
    sessionStorage.setItem(KEY, String(Date.now()));
    return true;
  } catch {
    // Without a memory it might go in circles.
    return false;
  }
}

function reload(): Promise<never> {
  location.reload();
  return new Promise(() => {});
}
