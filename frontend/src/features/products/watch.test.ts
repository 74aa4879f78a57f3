import { act, renderHook } from "@testing-library/react";
import { expect, it } from "vitest";
import { lookAgainAfter, useWatch } from "./watch";

it("looks soon at first, then ever more seldom", () => {
  expect(lookAgainAfter(null, 0)).toBe(false);
  expect(lookAgainAfter(0, 0)).toBe(1_500);
  expect(lookAgainAfter(0, 10_000)).toBe(5_000);
  expect(lookAgainAfter(0, 600_000)).toBe(15_000);
});

it("looks only while something waits", () => {
  const { result } = renderHook(useWatch);
  expect(result.current.refetchInterval()).toBe(false);
  act(() => result.current.onWaiting("a", true));
  act(() => result.current.onWaiting("b", true));
  act(() => result.current.onWaiting("a", false));
  expect(result.current.refetchInterval()).toBe(1_500);
  act(() => result.current.onWaiting("b", false));
  expect(result.current.refetchInterval()).toBe(false);
});
