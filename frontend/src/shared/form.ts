import { useEffect, useRef, useState } from "react";

export interface Draft<T> {
  /** The saved values with what was changed. */
  value: T;
  /** Only what differs from the saved values. */
  changes: Partial<T>;
  dirty: boolean;
  set: <K extends keyof T>(key: K, value: T[K]) => void;
  /** Drops the changes: they were saved, or are unwanted. */
  forget: () => void;
}

/** What somebody changed of saved values. What they left alone follows the saved values, also when these change meanwhile. */
export function useDraft<T extends object>(saved: T): Draft<T> {
  const [edited, setEdited] = useState<Partial<T>>({});
  const changes = changesOf(saved, edited);
  return {
    value: { ...saved, ...edited },
    changes,
    dirty: Object.keys(changes).length > 0,
    set: (key, value) => setEdited((before) => ({ ...before, [key]: value })),
    forget: () => setEdited({}),
  };
}

/** The edits that differ from what is saved. */
export function changesOf<T extends object>(saved: T, edited: Partial<T>): Partial<T> {
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
