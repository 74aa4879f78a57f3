import { expect, it } from "vitest";
import type { Channel, HealthState } from "@/api/gen/model";
import { heldBy } from "./held";

const NOW = Date.parse("2026-11-22T12:00:00Z");
const channel = (state: HealthState, is_active = true): Channel => ({
  id: "ch1",
  platform: "facebook",
  platform_page_id: "1",
  page_name: "Tiệm",
  is_active,
  health: { state },
  sending: "ok",
  policy: { state: "none" },
  created_at: "2026-11-01T00:00:00Z",
});
const queued = (seconds: number) => ({
  status: "queued" as const,
  created_at: new Date(NOW - seconds * 1000).toISOString(),
});

it("tells why a message waits, and nothing of one that has only just been sent", () => {
  expect(heldBy(queued(5), channel("ok"), NOW)).toBeNull();
  expect(heldBy(queued(5), channel("needs_reconnect"), NOW)).toBe("needs_reconnect");
  expect(heldBy(queued(5), channel("restricted"), NOW)).toBe("restricted");
  expect(heldBy(queued(5), channel("needs_reconnect", false), NOW)).toBeNull();
  const blocked: Channel = { ...channel("ok"), sending: "blocked", policy: { state: "blocked" } };
  expect(heldBy(queued(5), blocked, NOW)).toBe("blocked");
  expect(heldBy(queued(90), channel("silent"), NOW)).toBe("slow");
  expect(heldBy({ ...queued(90), status: "sent" }, channel("restricted"), NOW)).toBeNull();
});
