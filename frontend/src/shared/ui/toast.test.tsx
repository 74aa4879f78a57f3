import { act, fireEvent, render, screen } from "@testing-library/react";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { listenToKeys } from "../keys";
import { Toasts, toast } from "./toast";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  act(() => vi.advanceTimersByTime(60_000));
  vi.useRealTimers();
});

it("stays while somebody points at it or stands on its button", () => {
  render(<Toasts />);
  act(() => toast("Đã xóa", { undo: () => {} }));
  const undo = screen.getByRole("button", { name: "Hoàn tác" });
  act(() => undo.focus());
  act(() => vi.advanceTimersByTime(60_000));
  expect(undo).toBeVisible();
  act(() => undo.blur());
  act(() => vi.advanceTimersByTime(9_000));
  expect(screen.queryByText("Đã xóa")).toBeNull();
});

it("is taken back by key", () => {
  const undone = vi.fn();
  const stop = listenToKeys();
  render(<Toasts />);
  act(() => toast("Đã xóa", { undo: undone }));
  fireEvent.keyDown(document.body, { key: "z", ctrlKey: true });
  expect(undone).toHaveBeenCalledTimes(1);
  expect(screen.queryByText("Đã xóa")).toBeNull();
  fireEvent.keyDown(document.body, { key: "z", ctrlKey: true });
  expect(undone).toHaveBeenCalledTimes(1);
  stop();
});
