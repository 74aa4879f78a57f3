import { expect, it } from "vitest";
import type { Channel } from "@/api/gen/model";
import { shownState, wantsReconnect } from "./health";
import { withChannel } from "./live";

function channel(id: string, more: Partial<Channel> = {}): Channel {
  return {
    id,
    platform: "facebook",
    platform_page_id: "1",
    page_name: id,
    is_active: true,
    health: { state: "ok" },
    created_at: "2026-11-22T00:00:00Z",
    ...more,
  };
}

it("replaces a known channel in its place and puts a new one first", () => {
  const [a, b] = [channel("a"), channel("b")];
  const renamed = channel("b", { page_name: "new" });
  expect(withChannel([a, b], renamed)).toEqual([a, renamed]);
  expect(withChannel(withChannel([a, b], renamed), renamed)).toEqual([a, renamed]);
  expect(withChannel([a], b)).toEqual([b, a]);
});

it("calls a disconnected channel neither well nor ill", () => {
  expect(shownState(channel("a", { is_active: false, health: { state: "needs_reconnect" } }))).toBe(
    "inactive",
  );
  expect(shownState(channel("a", { health: { state: "restricted" } }))).toBe("restricted");
  expect(wantsReconnect("silent")).toBe(true);
  expect(wantsReconnect("restricted")).toBe(false);
});
