import { queryOptions } from "@tanstack/react-query";
import { getReplay } from "@/api/gen/assistant/assistant";
import type { Outcome, Replay, ReplayItem } from "@/api/gen/model";

/** How often a run that is under way is looked at. */
const LOOK_MS = 1_500;

export function replayKey(id: string) {
  return ["replay", id] as const;
}

/** A report; while it runs it is looked at again and again. One that has ended never changes but for what was taken back. */
export function replayQuery(id: string) {
  return queryOptions({
    queryKey: replayKey(id),
    queryFn: ({ signal }) => getReplay(id, { signal }),
    refetchInterval: ({ state }) => lookAgainAfter(state.data),
    // The report goes on being written while its window is behind another.
    refetchIntervalInBackground: true,
  });
}

export function lookAgainAfter(replay: Replay | undefined): number | false {
  return replay?.state === "running" ? LOOK_MS : false;
}

export const OUTCOMES = ["answered", "handover"] as const satisfies readonly Outcome[];

/** How many ended how. */
export function countOf({ items }: Replay): Record<"all" | Outcome, number> {
  const answered = items.filter(({ outcome }) => outcome === "answered").length;
  return { all: items.length, answered, handover: items.length - answered };
}

export function withOutcome({ items }: Replay, outcome: Outcome | null): ReplayItem[] {
  return outcome === null ? items : items.filter((item) => item.outcome === outcome);
}

/** Whether the assistant would say just what was said, spaces aside. */
export function isSame({ what_was_said, ai_would_say }: ReplayItem): boolean {
  return what_was_said != null && flat(what_was_said) === flat(ai_would_say);
}

function flat(text: string): string {
  return text.replace(/\s+/g, " ").trim();
}
