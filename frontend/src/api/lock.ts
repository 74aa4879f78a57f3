/** Runs one task at a time among all tabs of this browser. */
export function exclusively<T>(name: string, task: () => Promise<T>): Promise<T> {
  // Web Locks exist in secure contexts only; a shop that tries ChatDesk over plain http on its own network has none.
  return "locks" in navigator ? navigator.locks.request(name, task) : leased(name, task);
}

/** Longer than what is done under it may take: a renewal gives up after 18 seconds, a logout after 20. */
const LEASE_MS = 25_000;
const POLL_MS = 60;
let ours = 0;

/** The same with a note in local storage that lapses when its tab dies. */
export async function leased<T>(name: string, task: () => Promise<T>): Promise<T> {
  const key = `cd.lock.${name}`;
  const owner = `${performance.timeOrigin}.${Math.random()}.${ours++}`;
  while (!(await take(key, owner))) await pause(POLL_MS);
  try {
    return await task();
  } finally {
    if (isOurs(key, owner)) localStorage.removeItem(key);
  }
}

async function take(key: string, owner: string): Promise<boolean> {
  try {
    const until = Number(localStorage.getItem(key)?.split(" ")[1] ?? 0);
    if (until > Date.now()) return false;
    localStorage.setItem(key, `${owner} ${Date.now() + LEASE_MS}`);
  } catch {
    // Storage is full or switched off: tabs cannot know of each other, and this one must go on.
    return true;
  }
  // Two tabs may have written at the same moment; the last one stays.
  await pause(POLL_MS / 2);
  return isOurs(key, owner);
}

function isOurs(key: string, owner: string): boolean {
  try {
    return localStorage.getItem(key)?.startsWith(`${owner} `) ?? false;
  } catch {
    return false;
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
