import { describe, expect, it } from "vitest";
import { clock, dayName, dayOf, duration, remaining, shiftDay } from "./time";

const ZONE = "Asia/Ho_Chi_Minh";
const at = (text: string) => Date.parse(text);

describe("times", () => {
  it("are the shop's, wherever the browser is", () => {
    expect(clock("2026-11-22T17:30:00Z", ZONE)).toBe("00:30");
    expect(dayOf("2026-11-22T17:30:00Z", ZONE)).toBe("2026-11-23");
    expect(dayOf("2026-11-22T17:30:00Z", "America/New_York")).toBe("2026-11-22");
  });

  it("survive a time zone that this browser does not know", () => {
    expect(clock("2026-11-22T17:30:00Z", "Mars/Olympus")).toBe("00:30");
  });

  it("name days", () => {
    const now = at("2026-11-22T18:00:00Z");
    expect(dayName("2026-11-22T17:00:00Z", now, ZONE)).toEqual({ kind: "today" });
    expect(dayName("2026-11-22T16:59:59Z", now, ZONE)).toEqual({ kind: "yesterday" });
    expect(dayName("2026-11-20T05:00:00Z", now, ZONE)).toEqual({ kind: "date", text: "20/11" });
    expect(dayName("2025-11-20T05:00:00Z", now, ZONE)).toEqual({ kind: "date", text: "20/11/2025" });
  });

  it("shift days over months and years", () => {
    expect(shiftDay("2026-01-01", -1)).toBe("2025-12-31");
    expect(shiftDay("2028-02-28", 1)).toBe("2028-02-29");
  });

  it("count down", () => {
    const now = at("2026-11-22T10:00:00Z");
    expect(remaining("2026-11-22T11:30:30Z", now)).toEqual({ hours: 1, minutes: 31 });
    expect(remaining("2026-11-22T10:00:00Z", now)).toBeNull();
    expect(remaining("nonsense", now)).toBeNull();
  });

  it("say how long", () => {
    expect(duration(42)).toBe("42 giây");
    expect(duration(3_900)).toBe("1 giờ 5 phút");
  });
});
