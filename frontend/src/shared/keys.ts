import { useEffect, useRef } from "react";
import { create } from "zustand";

/** One shortcut. `keys` as `KeyboardEvent.key` says it, with `Mod+` for Ctrl or ⌘: "j", "?", "Mod+k", "ArrowDown". */
export interface Shortcut {
  keys: string[];
  /** In the user's words, for the sheet. */
  label: string;
  /** Heading on the sheet, in the user's words. */
  group: string;
  run: (event: KeyboardEvent) => void;
  /** Also while a field has the focus. Only for keys that type nothing. */
  whileTyping?: boolean;
}

interface Registry {
  lists: Map<symbol, readonly Shortcut[]>;
}

/** Every shortcut that works at this moment. */
export const useShortcutRegistry = create<Registry>()(() => ({ lists: new Map() }));

/** Makes shortcuts work while the component is there. The newest registration of a key wins. */
export function useShortcuts(shortcuts: readonly Shortcut[]): void {
  const id = useRef(Symbol("shortcuts"));
  useEffect(() => {
    const name = id.current;
    useShortcutRegistry.setState(({ lists }) => ({ lists: new Map(lists).set(name, shortcuts) }));
    return () =>
      useShortcutRegistry.setState(({ lists }) => {
        const rest = new Map(lists);
        rest.delete(name);
        return { lists: rest };
      });
  }, [shortcuts]);
}

/** Listens to the keyboard for the whole app; once, in the shell. */
export function listenToKeys(target: Document = document): () => void {
  const hear = (event: KeyboardEvent) => {
    const found = find(event);
    if (found === undefined) return;
    event.preventDefault();
    found.run(event);
  };
  target.addEventListener("keydown", hear);
  return () => target.removeEventListener("keydown", hear);
}

function find(event: KeyboardEvent): Shortcut | undefined {
  if (event.defaultPrevented || isComposing(event) || document.querySelector("dialog[open]"))
    return undefined;
  const name = keyName(event);
  const typing = isTyping(event.target);
  const all = [...useShortcutRegistry.getState().lists.values()].reverse().flat();
  return all.find((shortcut) => shortcut.keys.includes(name) && (!typing || shortcut.whileTyping === true));
}

/** A key press as shortcuts name it. Shift is part of the character already. */
export function keyName(event: KeyboardEvent): string {
  const mod = event.ctrlKey || event.metaKey ? "Mod+" : "";
  const alt = event.altKey ? "Alt+" : "";
  return `${mod}${alt}${event.key.length === 1 && mod ? event.key.toLowerCase() : event.key}`;
}

/** While Telex or another input method composes a character, Enter and letters belong to it. */
export function isComposing(event: { isComposing?: boolean; keyCode?: number }): boolean {
  return event.isComposing === true || event.keyCode === 229;
}

export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable) return true;
  if (target instanceof HTMLInputElement)
    return !["checkbox", "radio", "button", "submit", "range"].includes(target.type);
  return target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement;
}
