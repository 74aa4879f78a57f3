import { fireEvent, render, screen } from "@testing-library/react";
import { expect, it, vi } from "vitest";
import { Dialog } from "./Dialog";

it("closes the window that is meant, not the one around it", () => {
  const [outer, inner] = [vi.fn(), vi.fn()];
  render(
    <Dialog title="Ngoài" onClose={outer}>
      <Dialog title="Trong" onClose={inner}>
        <input aria-label="ô" />
      </Dialog>
    </Dialog>,
  );
  fireEvent(screen.getByRole("dialog", { name: "Trong" }), new Event("cancel", { cancelable: true }));
  expect(inner).toHaveBeenCalledTimes(1);
  expect(outer).not.toHaveBeenCalled();
});

it("asks to be closed also when the browser closed it by itself", () => {
  const onClose = vi.fn();
  render(
    <Dialog title="Hỏi" onClose={onClose}>
      <input aria-label="ô" />
    </Dialog>,
  );
  const dialog = screen.getByRole<HTMLDialogElement>("dialog");
  dialog.open = false;
  fireEvent(dialog, new Event("close"));
  expect(onClose).toHaveBeenCalledTimes(1);
  expect(dialog.open).toBe(true);
});

it("has its closing button last", () => {
  render(
    <Dialog title="Hỏi" onClose={() => {}} footer={<button type="button">Lưu</button>}>
      <input aria-label="ô" />
    </Dialog>,
  );
  expect(screen.getAllByRole("button").map((one) => one.textContent)).toEqual(["Lưu", "✕"]);
});
