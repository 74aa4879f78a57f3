import { DEFAULT_ZONE } from "@/shared/time";

/** Names that mean the same; the browser lists the old one. */
const RENAMED: Record<string, string> = { "Asia/Saigon": DEFAULT_ZONE, "Asia/Calcutta": "Asia/Kolkata" };

/** Every time zone that the browser knows, the shop's own among them, as the server calls them. */
export function timeZones(
  current: string,
  known: readonly string[] = Intl.supportedValuesOf("timeZone"),
): string[] {
  const names = known.map((name) => RENAMED[name] ?? name);
  return [...new Set([...names, DEFAULT_ZONE, current])].sort((a, b) => a.localeCompare(b, "en"));
}
