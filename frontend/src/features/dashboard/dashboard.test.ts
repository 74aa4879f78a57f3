import { expect, it } from "vitest";
import type { Dashboard } from "@/api/gen/model";
import { allHandovers, isQuiet, shareOfAi } from "./figures";
import { daysIn, periodProblems, presetPeriod, readPeriod } from "./period";

const TODAY = "2026-11-22";

it("counts both ends of a period", () => {
  expect(presetPeriod("today", TODAY)).toEqual({ from: TODAY, to: TODAY });
  expect(presetPeriod("7", TODAY)).toEqual({ from: "2026-11-16", to: TODAY });
  expect(daysIn(presetPeriod("90", TODAY))).toBe(90);
});

it("names what is wrong with a period", () => {
  expect(periodProblems({ from: "", to: TODAY }, TODAY)).toEqual({ from: "missing" });
  expect(periodProblems({ from: TODAY, to: "2026-13-40" }, TODAY)).toEqual({ to: "missing" });
  expect(periodProblems({ from: TODAY, to: "2026-11-23" }, TODAY)).toEqual({ to: "future" });
  expect(periodProblems({ from: TODAY, to: "2026-11-21" }, TODAY)).toEqual({ to: "order" });
  expect(periodProblems({ from: "2025-11-21", to: TODAY }, TODAY)).toEqual({ from: "long" });
  expect(periodProblems({ from: "2025-11-22", to: TODAY }, TODAY)).toEqual({});
});

it("reads the address and falls back to a week", () => {
  const read = (search: string) => readPeriod(new URLSearchParams(search), TODAY);
  expect(read("from=2026-11-01&to=2026-11-05")).toEqual({
    period: { from: "2026-11-01", to: "2026-11-05" },
    preset: null,
  });
  expect(read("period=30").preset).toBe("30");
  expect(read("period=31&from=x").preset).toBe("7");
});

it("adds up", () => {
  const quiet: Dashboard = {
    from: TODAY,
    to: TODAY,
    time_zone: "Asia/Ho_Chi_Minh",
    conversations: 0,
    messages_in: 0,
    answers_ai: 0,
    answers_human: 0,
    handovers: [],
    days: [],
  };
  expect(isQuiet(quiet)).toBe(true);
  expect(shareOfAi(quiet)).toBeNull();
  const busy = { ...quiet, answers_ai: 3, answers_human: 1, handovers: [{ reason: "refund", count: 2 }] };
  expect(isQuiet(busy)).toBe(false);
  expect(shareOfAi(busy)).toBe(0.75);
  expect(allHandovers(busy)).toBe(2);
});
