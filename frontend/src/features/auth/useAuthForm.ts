import { type FormEvent, useEffect, useState } from "react";
import { ApiError } from "@/api/error";
import { fieldErrors } from "@/shared/i18n/errors";

export type Errors = Record<string, string>;

interface AuthForm {
  /** What is wrong with a field, by its name. */
  errors: Errors;
  /** What went wrong with the whole. */
  failure: unknown;
  busy: boolean;
  /** Seconds until another try makes sense. */
  wait: number;
  submit: (event: FormEvent<HTMLFormElement>) => void;
}

/** Sends a form. `check` tells what is wrong before asking the server; what was typed stays whatever happens. */
export function useAuthForm(
  check: (data: FormData) => Errors,
  send: (data: FormData) => Promise<void>,
): AuthForm {
  const [errors, setErrors] = useState<Errors>({});
  const [failure, setFailure] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const [wait, setWait] = useCountdown();

  const submit = async (form: HTMLFormElement) => {
    const data = new FormData(form);
    const found = check(data);
    setErrors(found);
    setFailure(null);
    if (Object.keys(found).length > 0) return focusFirst(form, found);
    setBusy(true);
    try {
      await send(data);
    } catch (error) {
      const refused = fieldErrors(error);
      setErrors(refused);
      if (Object.keys(refused).length > 0) focusFirst(form, refused);
      else setFailure(error);
      if (error instanceof ApiError && error.status === 429) setWait(error.retryAfter ?? 1);
    } finally {
      setBusy(false);
    }
  };

  return {
    errors,
    failure,
    busy,
    wait,
    submit: (event) => {
      event.preventDefault();
      if (!busy && wait === 0) void submit(event.currentTarget);
    },
  };
}

/** Moves to the first field that is wrong, in the order of the form. */
function focusFirst(form: HTMLFormElement, errors: Errors): void {
  const fields = Array.from(form.elements).filter((element) => element instanceof HTMLElement);
  fields.find((field) => (field.getAttribute("name") ?? "") in errors)?.focus();
}

function useCountdown(): [number, (seconds: number) => void] {
  const [left, setLeft] = useState(0);
  useEffect(() => {
    if (left <= 0) return;
    const timer = setTimeout(() => setLeft(left - 1), 1000);
    return () => clearTimeout(timer);
  }, [left]);
  return [left, setLeft];
}

/** A field's text without blanks around it. */
export function field(data: FormData, name: string): string {
  return secret(data, name).trim();
}

/** A field's text as it was typed. */
export function secret(data: FormData, name: string): string {
  const value = data.get(name);
  return typeof value === "string" ? value : "";
}
