import { type ReactNode, useEffect, useId, useLayoutEffect, useRef, useState } from "react";
import { createPortal } from "react-dom";
import "./popover.css";

export interface PopoverProps {
  /** What the button shows. */
  button: ReactNode;
  /** How the button is called when it shows an icon or an abbreviation. */
  label?: string;
  /** What the small window is called. */
  title: string;
  className?: string;
  children: ReactNode;
}

const MARGIN = 8;

/** A button with a small window beside it that explains something. Escape and a click elsewhere close it. */
export function Popover({ button, label, title, className, children }: PopoverProps) {
  const [isOpen, setOpen] = useState(false);
  const trigger = useRef<HTMLButtonElement>(null);
  const id = useId();
  return (
    <>
      <button
        ref={trigger}
        type="button"
        className={className}
        aria-label={label}
        title={label}
        aria-haspopup="dialog"
        aria-expanded={isOpen}
        aria-controls={isOpen ? id : undefined}
        onClick={() => setOpen(!isOpen)}
      >
        {button}
      </button>
      {isOpen && (
        <Window id={id} title={title} trigger={trigger.current} onClose={() => setOpen(false)}>
          {children}
        </Window>
      )}
    </>
  );
}

interface WindowProps {
  id: string;
  title: string;
  trigger: HTMLElement | null;
  onClose: () => void;
  children: ReactNode;
}

function Window({ id, title, trigger, onClose, children }: WindowProps) {
  const ref = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    place(ref.current, trigger);
    ref.current?.focus();
  }, [trigger]);
  useEffect(() => {
    const isOutside = (target: EventTarget | null) =>
      target instanceof Node && !ref.current?.contains(target) && !trigger?.contains(target);
    const press = (event: PointerEvent) => isOutside(event.target) && onClose();
    // What it belongs to moves: it goes along, and away with it.
    const follow = () => {
      if (isOnScreen(trigger)) place(ref.current, trigger);
      else onClose();
    };
    document.addEventListener("pointerdown", press);
    document.addEventListener("scroll", follow, { capture: true, passive: true });
    addEventListener("resize", follow);
    return () => {
      document.removeEventListener("pointerdown", press);
      document.removeEventListener("scroll", follow, { capture: true });
      removeEventListener("resize", follow);
    };
  }, [trigger, onClose]);
  return createPortal(
    <div
      ref={ref}
      id={id}
      role="dialog"
      aria-label={title}
      tabIndex={-1}
      className="cd-popover"
      onBlur={({ relatedTarget }) => {
        const isElsewhere = relatedTarget instanceof Node && !ref.current?.contains(relatedTarget);
        if (isElsewhere && !trigger?.contains(relatedTarget)) onClose();
      }}
      onKeyDown={(event) => {
        if (event.key !== "Escape" && !(event.key === "Tab" && isLeaving(ref.current, event.shiftKey)))
          return;
        // It stands at the end of the page: forward, one goes on behind the button it belongs to; back, to the button itself.
        if (event.key === "Escape" || event.shiftKey) event.preventDefault();
        event.stopPropagation();
        onClose();
        trigger?.focus();
      }}
    >
      {children}
    </div>,
    document.body,
  );
}

/** Whether Tab would leave the window. */
function isLeaving(box: HTMLElement | null, isBack: boolean): boolean {
  const stops = Array.from(box?.querySelectorAll<HTMLElement>("a[href], button, input, summary") ?? []);
  const { activeElement } = document;
  const isAtBox = activeElement === box;
  return isBack ? isAtBox || activeElement === stops[0] : activeElement === (stops.at(-1) ?? box);
}

/** Below the button where there is room, else above; always wholly on screen. */
function place(box: HTMLElement | null, trigger: HTMLElement | null): void {
  if (box === null || trigger === null) return;
  const { top, bottom, left } = trigger.getBoundingClientRect();
  const { offsetWidth, offsetHeight } = box;
  const fitsBelow = bottom + MARGIN + offsetHeight <= innerHeight;
  const wanted = fitsBelow ? bottom + 4 : top - offsetHeight - 4;
  box.style.top = `${Math.max(MARGIN, wanted)}px`;
  box.style.left = `${Math.max(MARGIN, Math.min(left, innerWidth - offsetWidth - MARGIN))}px`;
}

function isOnScreen(element: HTMLElement | null): boolean {
  if (element === null || !element.isConnected) return false;
  const { top, bottom } = element.getBoundingClientRect();
  return bottom > 0 && top < innerHeight;
}
