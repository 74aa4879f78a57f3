import { create } from "zustand";
import type { Note } from "@/api/gen/model";

/** What is open above the thread. Rows come and go with scrolling and new messages: it must not go with them. */
export type Above = { kind: "picture"; url: string; title: string } | { kind: "removal"; note: Note };

export const useAbove = create<{ above: Above | null }>()(() => ({ above: null }));

export function openAbove(above: Above | null): void {
  useAbove.setState({ above });
}
