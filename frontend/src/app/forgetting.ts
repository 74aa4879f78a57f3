import { useSession } from "@/api/session";
import { forgetUnfinished } from "@/shared/unfinished";

/** Drafts of answers and notes, under `cd.draft.PERSON.`: see the inbox's drafts, which a page without an inbox has not loaded. */
const DRAFTS = "cd.draft.";

/** Whoever logs out leaves nothing about customers behind on this machine. Messages that still wait to be sent stay: they were meant. */
export function forgetOnLeaving(): () => void {
  return useSession.subscribe((now, before) => {
    if (now.phase !== "out" || now.reason !== "left" || before.user === null) return;
    forgetUnfinished();
    forgetDrafts(before.user.id);
  });
}

function forgetDrafts(person: string): void {
  try {
    const mine = Object.keys(localStorage).filter((key) => key.startsWith(`${DRAFTS}${person}.`));
    for (const key of mine) localStorage.removeItem(key);
  } catch {
    // Without a storage nothing is left behind.
  }
}
