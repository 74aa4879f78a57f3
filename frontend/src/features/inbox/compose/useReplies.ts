import { useQuery } from "@tanstack/react-query";
import { type KeyboardEvent, type RefObject, useId, useState } from "react";
import type { Conversation, SavedReply } from "@/api/gen/model";
import { savedRepliesQuery } from "@/api/queries";
import { useSession } from "@/api/session";
import { fillReply } from "@/shared/fillReply";
import { isComposing } from "@/shared/keys";
import { findReplies, type Slash, slashAt } from "./replies";

interface Wish {
  conversation: Conversation;
  field: RefObject<HTMLTextAreaElement | null>;
  text: string;
  setText: (text: string) => void;
  isOn: boolean;
}

/** Saved replies, offered while a `/word` is typed. */
export function useReplies({ conversation, field, text, setText, isOn }: Wish) {
  const [slash, setSlash] = useState<Slash | null>(null);
  const [active, setActive] = useState(0);
  const id = useId();
  const isOpen = isOn && slash !== null;
  const { data, isPending } = useQuery({ ...savedRepliesQuery, enabled: isOn });
  const shop = useSession((state) => state.user?.business_name ?? "");
  const found = slash === null ? [] : findReplies(data ?? [], slash.query);
  const at = Math.min(active, Math.max(0, found.length - 1));

  /** Looks for a `/word` at the caret. */
  const look = () => {
    const box = field.current;
    if (box === null || !isOn || box.readOnly) return;
    const next = box.selectionStart === box.selectionEnd ? slashAt(box.value, box.selectionStart) : null;
    if (next?.query !== slash?.query) setActive(0);
    setSlash(next);
  };
  const choose = (reply: SavedReply) => {
    const box = field.current;
    if (box === null || slash === null) return;
    const name = conversation.contact.display_name?.trim() ?? "";
    const filled = fillReply(reply.text, { name, shop });
    const end = slash.from + 1 + slash.query.length;
    setText(text.slice(0, slash.from) + filled + text.slice(end));
    setSlash(null);
    const caret = slash.from + filled.length;
    // After React has written the new text.
    requestAnimationFrame(() => {
      box.focus();
      box.setSelectionRange(caret, caret);
    });
  };
  /** Writes the slash for somebody who pressed the button. */
  const begin = () => {
    const box = field.current;
    if (box === null) return;
    box.focus();
    const caret = box.selectionStart;
    const before = text.slice(0, caret);
    const slashed = `${before === "" || /\s$/u.test(before) ? "" : " "}/`;
    setText(before + slashed + text.slice(caret));
    requestAnimationFrame(() => {
      box.setSelectionRange(caret + slashed.length, caret + slashed.length);
      look();
    });
  };
  /** True when the key was for the list. */
  const onKeyDown = (event: KeyboardEvent): boolean => {
    if (!isOpen || isComposing(event.nativeEvent)) return false;
    const chosen = found[at];
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      const by = event.key === "ArrowDown" ? 1 : found.length - 1;
      if (found.length > 0) setActive((at + by) % found.length);
    } else if (event.key === "Escape") {
      setSlash(null);
    } else if ((event.key === "Enter" || event.key === "Tab") && chosen !== undefined) {
      choose(chosen);
    } else {
      return false;
    }
    event.preventDefault();
    return true;
  };
  const aria = isOpen
    ? {
        "aria-autocomplete": "list" as const,
        "aria-controls": id,
        "aria-activedescendant": found[at] === undefined ? undefined : `${id}-${found[at].id}`,
      }
    : {};
  const close = () => setSlash(null);
  const query = slash?.query ?? "";
  const isEmpty = !isPending && (data ?? []).length === 0;
  return {
    id,
    isOpen,
    query,
    found,
    at,
    isEmpty,
    aria,
    look,
    point: setActive,
    choose,
    begin,
    close,
    onKeyDown,
  };
}

export type RepliesState = ReturnType<typeof useReplies>;
