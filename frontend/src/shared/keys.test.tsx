import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useMemo } from "react";
import { describe, expect, it, vi } from "vitest";
import { listenToKeys, useShortcuts } from "./keys";

function Page({ run }: { run: () => void }) {
  useShortcuts(
    useMemo(
      () => [
        { keys: ["j"], label: "next", group: "list", run },
        { keys: ["Mod+k"], label: "find", group: "list", run, whileTyping: true },
      ],
      [run],
    ),
  );
  return <input aria-label="text" />;
}

describe("shortcuts", () => {
  it("work outside of fields, and inside only those that type nothing", async () => {
    const stop = listenToKeys();
    const run = vi.fn();
    render(<Page run={run} />);
    await userEvent.keyboard("j");
    expect(run).toHaveBeenCalledTimes(1);
    await userEvent.type(screen.getByLabelText("text"), "j");
    expect(run).toHaveBeenCalledTimes(1);
    expect(screen.getByLabelText("text")).toHaveValue("j");
    await userEvent.keyboard("{Control>}k{/Control}");
    expect(run).toHaveBeenCalledTimes(2);
    stop();
  });

  it("leave letters to an input method that composes", () => {
    const stop = listenToKeys();
    const run = vi.fn();
    render(<Page run={run} />);
    document.body.dispatchEvent(new KeyboardEvent("keydown", { key: "j", isComposing: true, bubbles: true }));
    expect(run).not.toHaveBeenCalled();
    stop();
  });
});
