import { registerLive } from "@/realtime/apply";
import { viewedConversation } from "@/realtime/live";
import type { Arrived } from "@/realtime/socket";
import { chime } from "@/shared/chime";
import { usePreferences } from "@/shared/preferences";

/** Several tabs hear the same news: one of them sounds, and not again before this time has gone by. */
const PAUSE_MS = 1_500;

/** Whether news deserve a sound: a customer wrote just now, and nobody here looks at it. `seen` is the conversation in view. */
export function isWorthSound({ event, isReplay }: Arrived, seen: string | null): boolean {
  if (isReplay || event.type !== "message.created") return false;
  const { sender_type, conversation_id } = event.data;
  return sender_type === "contact" && conversation_id !== seen;
}

registerLive("sound", {
  keys: [],
  apply: (_, events) => {
    if (!usePreferences.getState().sound) return;
    const seen = document.hasFocus() && !document.hidden ? viewedConversation() : null;
    if (events.some((event) => isWorthSound(event, seen))) void sound();
  },
  resync: () => {},
});

async function sound(): Promise<void> {
  // Web Locks exist in secure contexts only: elsewhere every tab sounds.
  if (!("locks" in navigator)) {
    chime();
    return;
  }
  await navigator.locks.request("cd.sound", { ifAvailable: true }, async (lock) => {
    if (lock === null) return;
    chime();
    await new Promise((done) => setTimeout(done, PAUSE_MS));
  });
}
