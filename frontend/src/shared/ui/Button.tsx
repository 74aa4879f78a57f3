import type { ButtonHTMLAttributes, ReactNode, Ref } from "react";

export interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  look?: "default" | "primary" | "danger" | "plain" | "link";
  small?: boolean;
  block?: boolean;
  /** Something is under way: it cannot be pressed again, but keeps the focus. */
  busy?: boolean;
  icon?: ReactNode;
  /** For a button that shows an icon only. */
  label?: string;
  ref?: Ref<HTMLButtonElement>;
}

export function Button(props: ButtonProps) {
  const {
    look = "default",
    small,
    block,
    busy = false,
    icon,
    label,
    className,
    children,
    onClick,
    ...rest
  } = props;
  const classes = [
    "cd-btn",
    look !== "default" && `cd-btn-${look}`,
    small && "cd-btn-small",
    block && "cd-btn-block",
    children === undefined && "cd-btn-icon",
    className,
  ];
  return (
    <button
      type="button"
      {...rest}
      {...(label === undefined ? {} : { "aria-label": label, title: rest.title ?? label })}
      className={classes.filter(Boolean).join(" ")}
      aria-busy={busy || undefined}
      onClick={busy ? (event) => event.preventDefault() : onClick}
    >
      {icon}
      {children}
    </button>
  );
}
