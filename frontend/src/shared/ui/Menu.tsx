import { type KeyboardEvent, type ReactNode, useEffect, useId, useRef, useState } from "react";
import { Button, type ButtonProps } from "./Button";

export type MenuEntry =
  | {
      key: string;
      label: ReactNode;
      icon?: ReactNode;
      onSelect: () => void;
      danger?: boolean;
      disabled?: boolean;
      /** Makes it a choice that is on or off. */
      checked?: boolean;
    }
  | { key: string; divider: true };

export interface MenuProps {
  /** What the button shows, and how it is called when that is an icon only. */
  button: Pick<ButtonProps, "icon" | "label" | "look" | "small" | "children" | "className" | "disabled">;
  entries: readonly MenuEntry[];
  align?: "start" | "end";
  side?: "below" | "above";
}

/** A button that opens a list of actions. Arrow keys move, Escape closes and gives the focus back. */
export function Menu({ button, entries, align = "start", side = "below" }: MenuProps) {
  const [open, setOpen] = useState(false);
  const root = useRef<HTMLDivElement>(null);
  const trigger = useRef<HTMLButtonElement>(null);
  const id = useId();

  useEffect(() => {
    if (!open) return;
    items(root.current)[0]?.focus();
    const outside = ({ target }: PointerEvent) => {
      if (target instanceof Node && !root.current?.contains(target)) setOpen(false);
    };
    document.addEventListener("pointerdown", outside);
    return () => document.removeEventListener("pointerdown", outside);
  }, [open]);

  const close = () => {
    setOpen(false);
    trigger.current?.focus();
  };
  const move = (event: KeyboardEvent) => {
    if (event.key === "Escape" || event.key === "Tab") {
      if (event.key === "Escape") event.preventDefault();
      close();
      return;
    }
    const all = items(root.current);
    const at = all.findIndex((item) => item.matches(":focus"));
    const next = { ArrowDown: at + 1, ArrowUp: at - 1 + all.length, Home: 0, End: all.length - 1 }[event.key];
    if (next === undefined) return;
    event.preventDefault();
    all[next % all.length]?.focus();
  };

  return (
    <div className="cd-menu" ref={root}>
      <Button
        {...button}
        ref={trigger}
        aria-haspopup="menu"
        aria-expanded={open}
        aria-controls={open ? id : undefined}
        onClick={() => setOpen(!open)}
      />
      {open && (
        <div
          className={`cd-menu-list cd-menu-${side} cd-menu-${align}`}
          id={id}
          role="menu"
          tabIndex={-1}
          onKeyDown={move}
        >
          {entries.map((entry) =>
            "divider" in entry ? (
              <hr key={entry.key} className="cd-menu-divider" />
            ) : (
              <button
                key={entry.key}
                type="button"
                {...roleOf(entry.checked)}
                tabIndex={-1}
                disabled={entry.disabled}
                className={entry.danger ? "cd-menu-item cd-menu-danger" : "cd-menu-item"}
                onClick={() => {
                  close();
                  entry.onSelect();
                }}
              >
                {entry.icon}
                {entry.label}
                {entry.checked && (
                  <span className="cd-menu-check" aria-hidden="true">
                    ✓
                  </span>
                )}
              </button>
            ),
          )}
        </div>
      )}
    </div>
  );
}

function roleOf(checked: boolean | undefined) {
  return checked === undefined
    ? { role: "menuitem" as const }
    : { role: "menuitemcheckbox" as const, "aria-checked": checked };
}

function items(root: HTMLElement | null): HTMLButtonElement[] {
  return Array.from(root?.querySelectorAll<HTMLButtonElement>('[role^="menuitem"]:not(:disabled)') ?? []);
}
