import { create } from "zustand";
import { isRecord } from "@/api/error";
import { Kept } from "../compose/kept";

interface Entry {
  at: number;
}

const kept = new Kept<Entry>(
  "cd.discarded.",
  (value): value is Entry => isRecord(value) && typeof value.at === "number",
);

/** Failed messages that this person has put aside. They did not go out, so only this browser needs to know. */
export const useDiscarded = create<{ ids: ReadonlySet<string> }>()(() => ({
  ids: new Set(Object.keys(kept.all(Date.now()))),
}));

export function setDiscarded(id: string, isDiscarded: boolean): void {
  kept.write(id, isDiscarded ? { at: Date.now() } : null);
  useDiscarded.setState(({ ids }) => {
    const next = new Set(ids);
    if (isDiscarded) next.add(id);
    else next.delete(id);
    return { ids: next };
  });
}
