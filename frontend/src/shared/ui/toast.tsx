import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { create } from "zustand";
import { type Shortcut, useShortcuts } from "../keys";
import { Button } from "./Button";

const LIFE_MS = 5_000;
/** Whoever deleted something by mistake needs a moment to see it. */
const UNDO_LIFE_MS = 8_000;
const MOST = 3;

interface Toast {
  id: number;
  text: string;
  tone: "info" | "error";
  undo?: () => void;
}

const useToasts = create<{ items: Toast[] }>()(() => ({ items: [] }));
let next = 1;

/** Says something for five seconds; with `undo` for eight, with a button that takes it back. */
export function toast(text: string, options: { tone?: "info" | "error"; undo?: () => void } = {}): void {
  const { tone = "info", undo } = options;
  const item: Toast = { id: next++, text, tone, ...(undo === undefined ? {} : { undo }) };
  useToasts.setState(({ items }) => ({ items: [...items, item].slice(-MOST) }));
}

function dismiss(id: number): void {
  useToasts.setState(({ items }) => ({ items: items.filter((item) => item.id !== id) }));
}

/** Where they appear; once, in the shell. */
export function Toasts() {
  const items = useToasts((state) => state.items);
  const ref = useRef<HTMLDivElement>(null);
  const newest = items.at(-1)?.id;
  useUndoKey();
  // A modal window would cover them: whatever entered the browser's top layer last lies above.
  useLayoutEffect(() => {
    const box = ref.current;
    if (newest === undefined || box?.showPopover === undefined) return;
    box.showPopover();
    return () => box.hidePopover();
  }, [newest]);
  return (
    <div ref={ref} className="cd-toasts" role="status" aria-live="polite" popover="manual">
      {items.map((item) => (
        <ToastView key={item.id} item={item} />
      ))}
    </div>
  );
}

function takeBack(item: Toast): void {
  dismiss(item.id);
  item.undo?.();
}

/** The key that takes back elsewhere, too; in a field it belongs to the field. */
function useUndoKey(): void {
  const { t, i18n } = useTranslation();
  const undoable = useToasts((state) => state.items.findLast(({ undo }) => undo !== undefined));
  // biome-ignore lint/correctness/useExhaustiveDependencies: the words change with the language, and t does not tell.
  const shortcuts = useMemo<Shortcut[]>(() => {
    if (undoable === undefined) return [];
    const run = () => takeBack(undoable);
    return [{ keys: ["Mod+z"], label: t("undo"), group: t("shortcuts.general"), run }];
  }, [undoable, t, i18n.language]);
  useShortcuts(shortcuts);
}

function ToastView({ item }: { item: Toast }) {
  const { t } = useTranslation();
  const hasUndo = item.undo !== undefined;
  const [hovered, setHovered] = useState(false);
  const [focused, setFocused] = useState(false);
  const isHeld = hovered || focused;
  useEffect(() => {
    if (isHeld) return;
    const timer = setTimeout(() => dismiss(item.id), hasUndo ? UNDO_LIFE_MS : LIFE_MS);
    return () => clearTimeout(timer);
  }, [item.id, hasUndo, isHeld]);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: whoever points at it or stands on its button is not done with it.
    <div
      className={item.tone === "error" ? "cd-toast cd-toast-error" : "cd-toast"}
      onPointerEnter={() => setHovered(true)}
      onPointerLeave={() => setHovered(false)}
      onFocus={() => setFocused(true)}
      onBlur={() => setFocused(false)}
    >
      <bdi>{item.text}</bdi>
      {item.undo && (
        <Button look="link" onClick={() => takeBack(item)}>
          {t("undo")}
        </Button>
      )}
    </div>
  );
}
