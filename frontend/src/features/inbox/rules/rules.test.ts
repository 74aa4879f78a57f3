import { describe, expect, it } from "vitest";
import { aMessage } from "../test/samples";
import { aiStateAt, mayHandBack } from "./ai";
import { deliveryOf, mayRetry } from "./delivery";
import { fileProblem, headerName, kindOf } from "./files";
import { leftToShow, MOST_IN_NOTE, used } from "./limits";
import { windowAt } from "./window";

const HOUR = 3_600_000;
const NOW = Date.parse("2026-11-22T12:00:00Z");
const at = (hours: number) => new Date(NOW + hours * HOUR).toISOString();

describe("the reply window", () => {
  it.each([
    [20, 164, "open", "green"],
    [1.9, 145, "open", "amber"],
    [-0.1, 143, "people", "amber"],
    [-145, -1, "closed", "red"],
  ])("with %d hours for the assistant and %d for people is %s, %s", (ai, human, phase, tone) => {
    const window = { ai_until: at(ai), human_until: at(human) };
    expect(windowAt(window, NOW)).toMatchObject({ phase, tone });
  });

  it("never opened when the customer never wrote", () => {
    expect(windowAt({ ai_until: null, human_until: null }, NOW)).toMatchObject({
      phase: "never",
      until: null,
    });
  });
});

describe("the assistant", () => {
  it("is active again when its pause is over", () => {
    expect(aiStateAt({ state: "paused", until: at(1) }, NOW)).toBe("paused");
    expect(aiStateAt({ state: "paused", until: at(0) }, NOW)).toBe("active");
    expect(aiStateAt({ state: "handed_over" }, NOW)).toBe("handed_over");
  });

  it("gets the word back from whoever took it, but not from another app", () => {
    expect(mayHandBack({ state: "handed_over", reason: "refund" }, NOW)).toBe(true);
    expect(mayHandBack({ state: "paused", reason: "human_replied", until: at(1) }, NOW)).toBe(true);
    expect(mayHandBack({ state: "paused", reason: "human_replied", until: at(0) }, NOW)).toBe(false);
    expect(mayHandBack({ state: "paused", reason: "other_app" }, NOW)).toBe(false);
    expect(mayHandBack({ state: "off", reason: "switched_off" }, NOW)).toBe(false);
  });
});

describe("a limit", () => {
  it("counts UTF-16 units without blanks around", () => {
    expect(used(" áo đỏ 😊 ")).toBe(8);
  });

  it("is shown near the end only", () => {
    expect(leftToShow("a".repeat(3199), MOST_IN_NOTE)).toBeNull();
    expect(leftToShow("a".repeat(3200), MOST_IN_NOTE)).toBe(800);
    expect(leftToShow("đ".repeat(4002), MOST_IN_NOTE)).toBe(-2);
  });
});

describe("a file", () => {
  const file = (type: string, size: number) => ({ name: "a", type, size });
  it("must be of a type and size that the platform takes", () => {
    expect(fileProblem("instagram", file("image/webp", 10))).toBe("type_not_supported");
    expect(fileProblem("facebook", file("image/webp", 10))).toBeNull();
    expect(fileProblem("instagram", file("image/png", 9 * 1024 * 1024))).toBe("too_large");
    expect(fileProblem("facebook", file("image/png", 9 * 1024 * 1024))).toBeNull();
    expect(fileProblem("facebook", file("text/plain", 26 * 1024 * 1024))).toBe("too_large");
    expect(fileProblem("facebook", file("text/plain", 0))).toBe("empty");
  });

  it("is shown as what the platform makes of it", () => {
    expect(kindOf("facebook", "")).toBe("file");
    expect(kindOf("facebook", "image/svg+xml")).toBe("file");
    expect(kindOf("facebook", "Video/MP4; codecs=x")).toBe("video");
    expect(kindOf("instagram", "text/html")).toBeNull();
  });

  it("has a name that a header can carry", () => {
    expect(headerName("áo đỏ.png")).toBe("%C3%A1o%20%C4%91%E1%BB%8F.png");
    expect(headerName("  ")).toBe("file");
    const long = decodeURIComponent(headerName(`${"đ".repeat(300)}.png`));
    expect(new TextEncoder().encode(long).length).toBeLessThanOrEqual(255);
    expect(long).toMatch(/đ\.png$/);
    expect(headerName("a\ud800b")).toBe("a%EF%BF%BDb");
  });
});

describe("delivery", () => {
  it("never says delivered on Instagram, and nothing for the customer's own words", () => {
    const sent = aMessage({ sender_type: "business", status: "delivered" });
    expect(deliveryOf(sent, "facebook")).toBe("delivered");
    expect(deliveryOf(sent, "instagram")).toBe("sent");
    expect(deliveryOf(aMessage({ sender_type: "contact", status: "received" }), "facebook")).toBeNull();
  });

  it("is tried again only when it can succeed", () => {
    const good = { isWindowOpen: true, isChannelReady: true, openedAt: NOW - HOUR };
    expect(mayRetry("not_sent", NOW, good)).toBe(true);
    expect(mayRetry("not_sent", NOW, { ...good, isWindowOpen: false })).toBe(false);
    expect(mayRetry("channel_disconnected", NOW, { ...good, isChannelReady: false })).toBe(false);
    expect(mayRetry("invalid_content", NOW, good)).toBe(false);
    expect(mayRetry("window_closed", NOW, good)).toBe(false);
    expect(mayRetry("window_closed", NOW - 2 * HOUR, good)).toBe(true);
  });
});
