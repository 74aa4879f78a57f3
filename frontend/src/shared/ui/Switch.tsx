import type { ReactNode } from "react";
import "./switch.css";

/** Something that is on or off at once, without a save button. */
export function Switch({ label, on, onChange, busy, disabled, children }: SwitchProps) {
  return (
    <button
      type="button"
      role="switch"
      className="cd-switch"
      aria-checked={on}
      aria-label={label}
      aria-busy={busy || undefined}
      disabled={disabled}
      onClick={() => {
        if (!busy) onChange(!on);
      }}
    >
      <span className="cd-switch-track" aria-hidden="true" />
      {children}
    </button>
  );
}

interface SwitchProps {
  /** What is switched; the children say the state to the eye. */
  label: string;
  on: boolean;
  onChange: (on: boolean) => void;
  busy?: boolean;
  disabled?: boolean;
  children?: ReactNode;
}
