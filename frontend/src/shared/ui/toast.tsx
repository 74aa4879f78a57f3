import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import { create } from "zustand";
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
  return (
    <div className="cd-toasts" role="status" aria-live="polite">
      {items.map((item) => (
        <ToastView key={item.id} item={item} />
      ))}
    </div>
  );
}

function ToastView({ item }: { item: Toast }) {
  const { t } = useTranslation();
  const hasUndo = item.undo !== undefined;
  useEffect(() => {
    const timer = setTimeout(() => dismiss(item.id), hasUndo ? UNDO_LIFE_MS : LIFE_MS);
    return () => clearTimeout(timer);
  }, [item.id, hasUndo]);
  const undo = () => {
    dismiss(item.id);
    item.undo?.();
  };
  return (
    <div className={item.tone === "error" ? "cd-toast cd-toast-error" : "cd-toast"}>
      <bdi>{item.text}</bdi>
      {item.undo && (
        <Button look="link" onClick={undo}>
          {t("undo")}
        </Button>
      )}
    </div>
  );
}
