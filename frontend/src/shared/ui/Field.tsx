import {
  type InputHTMLAttributes,
  type ReactNode,
  type Ref,
  type SelectHTMLAttributes,
  type TextareaHTMLAttributes,
  useId,
} from "react";
import { useTranslation } from "react-i18next";

export interface FieldProps {
  label: ReactNode;
  hint?: ReactNode;
  /** What is wrong, in the user's words. */
  error?: string | undefined;
  /** Says that it may stay empty. */
  optional?: boolean;
  /** The label is for screen readers only. */
  hideLabel?: boolean;
}

interface Wiring {
  id: string;
  "aria-describedby": string | undefined;
  "aria-invalid": true | undefined;
}

/** A control with its label, hint and error; the render function gets what ties them together. */
export function Field(props: FieldProps & { children: (wiring: Wiring) => ReactNode }) {
  const { label, hint, error, optional, hideLabel, children } = props;
  const { t } = useTranslation();
  const id = useId();
  const hintId = `${id}-hint`;
  const errorId = `${id}-error`;
  const described = [error && errorId, hint && hintId].filter(Boolean).join(" ");
  return (
    <div className="cd-field">
      <label htmlFor={id} className={hideLabel ? "cd-hidden" : "cd-field-label"}>
        {label} {optional && <span className="cd-field-optional">({t("optional")})</span>}
      </label>
      {children({ id, "aria-describedby": described || undefined, "aria-invalid": error ? true : undefined })}
      {error && (
        <span className="cd-field-error" id={errorId}>
          {error}
        </span>
      )}
      {hint && (
        <span className="cd-field-hint" id={hintId}>
          {hint}
        </span>
      )}
    </div>
  );
}

type Inherited<T> = Omit<T, "id" | "children"> & FieldProps;

export function TextField(
  props: Inherited<InputHTMLAttributes<HTMLInputElement>> & { ref?: Ref<HTMLInputElement> },
) {
  const { label, hint, error, optional, hideLabel, ...input } = props;
  return (
    <Field {...{ label, hint, error, ...flags(optional, hideLabel) }}>
      {(wiring) => <input {...input} {...wiring} className="cd-input" />}
    </Field>
  );
}

export function TextArea(
  props: Inherited<TextareaHTMLAttributes<HTMLTextAreaElement>> & { ref?: Ref<HTMLTextAreaElement> },
) {
  const { label, hint, error, optional, hideLabel, ...area } = props;
  return (
    <Field {...{ label, hint, error, ...flags(optional, hideLabel) }}>
      {(wiring) => <textarea {...area} {...wiring} className="cd-input" />}
    </Field>
  );
}

export function SelectField(
  props: Inherited<SelectHTMLAttributes<HTMLSelectElement>> & { options: { value: string; label: string }[] },
) {
  const { label, hint, error, optional, hideLabel, options, ...select } = props;
  return (
    <Field {...{ label, hint, error, ...flags(optional, hideLabel) }}>
      {(wiring) => (
        <select {...select} {...wiring} className="cd-input">
          {options.map((option) => (
            <option key={option.value} value={option.value}>
              {option.label}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}

function flags(optional: boolean | undefined, hideLabel: boolean | undefined) {
  return { optional: optional ?? false, hideLabel: hideLabel ?? false };
}
