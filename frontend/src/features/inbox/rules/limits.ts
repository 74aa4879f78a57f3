import type { Platform } from "@/api/gen/model";

export interface Limit {
  unit: "characters" | "bytes";
  most: number;
}

/** Meta's limits on one message. */
export const LIMITS: Record<Platform, Limit> = {
  facebook: { unit: "characters", most: 2000 },
  instagram: { unit: "bytes", most: 1000 },
};
/** Of a note, which stays here. */
export const NOTE_LIMIT: Limit = { unit: "characters", most: 4000 };

const encoder = new TextEncoder();

/** How much of the limit a text uses, counted as the server does. */
export function used(text: string, { unit }: Limit): number {
  const trimmed = text.trim();
  return unit === "bytes" ? encoder.encode(trimmed).length : trimmed.length;
}

/** What is left, once it is little enough to matter. */
export function leftToShow(text: string, limit: Limit): number | null {
  const left = limit.most - used(text, limit);
  return left <= limit.most / 5 ? left : null;
}
