import { beforeAll, describe, expect, it } from "vitest";
import { i18n, loadWords } from "@/shared/i18n";
import { readFilter } from "./filter";
import { bounds, periodProblem, startOfDay } from "./period";
import { redriveCount } from "./queries";
import { syncText } from "./words";

const address = (query: string) => readFilter(new URLSearchParams(query), "2026-11-23");

describe("the period", () => {
  it("begins and ends with the shop's days, also when clocks change", () => {
    expect(startOfDay("2026-11-23", "Asia/Ho_Chi_Minh")).toBe("2026-11-22T17:00:00.000Z");
    expect(startOfDay("2026-10-25", "Europe/Berlin")).toBe("2026-10-24T22:00:00.000Z");
    expect(startOfDay("2026-10-26", "Europe/Berlin")).toBe("2026-10-25T23:00:00.000Z");
    expect(startOfDay("2026-03-08", "America/Los_Angeles")).toBe("2026-03-08T08:00:00.000Z");
    expect(bounds({ from: "2026-11-22", to: "2026-11-22" }, "UTC")).toEqual({
      from: "2026-11-22T00:00:00.000Z",
      to: "2026-11-23T00:00:00.000Z",
    });
  });

  it("is one that the server takes", () => {
    expect(periodProblem({ from: "2026-11-01", to: "2026-11-30" })).toBeNull();
    expect(periodProblem({ from: "2026-11-01", to: "2026-12-01" })).toBe("long");
    expect(periodProblem({ from: "2026-11-02", to: "2026-11-01" })).toBe("order");
    expect(periodProblem({ from: "", to: "2026-11-01" })).toBe("missing");
  });
});

it("reads what to show from the address, and nothing else", () => {
  expect(address("outcome=failed&channel=c&period=today")).toEqual({
    outcome: "failed",
    channel: "c",
    period: { from: "2026-11-23", to: "2026-11-23" },
    preset: "today",
  });
  expect(address("outcome=nonsense&from=2026-11-09&to=2026-11-01")).toMatchObject({
    outcome: null,
    preset: "7",
    period: { from: "2026-11-17", to: "2026-11-23" },
  });
  expect(address("from=2026-11-01&to=2026-11-09").preset).toBeNull();
});

it("counts what would be worked off again", () => {
  const counts = [
    { outcome: "stored" as const, count: 90 },
    { outcome: "deduplicated" as const, count: 5 },
    { outcome: "failed" as const, count: 2 },
    { outcome: "ignored" as const, count: 3 },
  ];
  expect(redriveCount(counts, address(""))).toBe(5);
  expect(redriveCount(counts, address("outcome=stored"))).toBe(90);
  expect(redriveCount(counts, address("channel=c"))).toBeNull();
  expect(redriveCount(undefined, address(""))).toBeNull();
});

describe("a comparison with Meta", () => {
  beforeAll(() => loadWords("journal"));

  it("says what put it off, and what it passed over", () => {
    const t = i18n.getFixedT<["journal", "common"]>(null, ["journal", "common"]);
    expect(syncText(t, "rate_limited")).toMatch(/^Lần đối chiếu gần nhất chưa xong: Meta đang giới hạn/);
    expect(syncText(t, "missed_rejected")).toBe(
      "Có cuộc trò chuyện chưa đối chiếu được: Meta từ chối yêu cầu này.",
    );
    expect(syncText(t, "missed_unsettled")).toContain("chưa rõ kết quả");
  });
});
