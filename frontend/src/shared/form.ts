import { useEffect, useRef, useState } from "react";
import { isRecord } from "@/api/error";
import { useUnfinished } from "./unfinished";

export interface Draft<T> {
  /** The saved values with what was changed. */
  value: T;
  /** Only what differs from the saved values. */
  changes: Partial<T>;
  dirty: boolean;
  set: <K extends keyof T>(key: K, value: T[K]) => void;
  /** Drops the changes: they are unwanted. With what was saved only those: what was typed meanwhile stays. */
  forget: (saved?: Partial<T>) => void;
}

/**
 * What somebody changed of saved values. What they left alone follows the saved values, also when these change meanwhile. A draft
 * with a name outlives the end of the session; `secrets` are never kept.
 */
export function useDraft<T extends object>(
  saved: T,
  name: string | null = null,
  secrets: readonly (keyof T)[] = [],
): Draft<T> {
  const unfinished = useUnfinished(name);
  const [edited, setEdited] = useState<Partial<T>>(() => likeIn(saved, unfinished.found));
  const changes = changesOf(saved, edited);
  const dirty = Object.keys(changes).length > 0;
  useEffect(() => unfinished.hold(dirty ? without(changes, secrets) : null));
  return {
    value: { ...saved, ...edited },
    changes,
    dirty,
    set: (key, value) => setEdited((before) => ({ ...before, [key]: value })),
    forget: (done) => setEdited((before) => (done === undefined ? {} : changesOf(done, before))),
  };
}

/** Of something kept, what fits these values: another version of the app may have kept it. */
export function likeIn<T extends object>(saved: T, found: unknown): Partial<T> {
  const like: Partial<T> = {};
  if (!isRecord(found)) return like;
  for (const key in saved) {
    const value = found[key];
    if (isLike(saved[key], value)) like[key] = value;
  }
  return like;
}

function isLike<V>(pattern: V, value: unknown): value is V {
  if (Array.isArray(pattern)) {
    return Array.isArray(value) && value.every((entry) => typeof entry === typeof (pattern[0] ?? ""));
  }
  return typeof value === typeof pattern && typeof value !== "object";
}

function without<T extends object>(values: Partial<T>, keys: readonly (keyof T)[]): Partial<T> {
  const rest = { ...values };
  for (const key of keys) delete rest[key];
  return rest;
}

/** The edits that differ from what is saved. */
export function changesOf<T extends object>(saved: Partial<T>, edited: Partial<T>): Partial<T> {
  const changes: Partial<T> = {};
  for (const key in edited) {
    if (JSON.stringify(edited[key]) !== JSON.stringify(saved[key])) changes[key] = edited[key];
  }
  return changes;
}

/** What is wrong with the fields of a form. A field's words go away as soon as somebody works on it. */
export function useFieldErrors() {
  const form = useRef<HTMLFormElement>(null);
  const [errors, setErrors] = useState<Readonly<Record<string, string>>>({});
  const [shown, setShown] = useState(0);

  // Not on every change of the errors: mending one field must not move the focus to the next.
  useEffect(() => {
    if (shown > 0) form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
  }, [shown]);

  /** Shows them and goes to the first. Tells whether there are any. */
  const show = (next: Readonly<Record<string, string>>): boolean => {
    setErrors(next);
    const any = Object.keys(next).length > 0;
    if (any) setShown((before) => before + 1);
    return any;
  };
  const clear = (field: string) => {
    setErrors(({ [field]: _, ...rest }) => rest);
  };
  return { form, errors, show, clear };
}
