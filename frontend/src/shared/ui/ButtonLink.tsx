import type { ReactNode } from "react";
import { Link, type LinkProps } from "react-router";

/** A link that looks like a button: it leads somewhere and does nothing else. */
export function ButtonLink({ look = "default", icon, children, ...link }: ButtonLinkProps) {
  return (
    <Link {...link} className={look === "default" ? "cd-btn" : `cd-btn cd-btn-${look}`}>
      {icon}
      {children}
    </Link>
  );
}

interface ButtonLinkProps extends Omit<LinkProps, "className"> {
  look?: "default" | "primary" | "plain";
  icon?: ReactNode;
}
