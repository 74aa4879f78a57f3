import type { ReactNode } from "react";

/** A table that is wider than a phone: it scrolls by itself, and the page does not. */
export function Wide({ label, children }: { label: string; children: ReactNode }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by the keyboard
    <section className="console-wide" aria-label={label} tabIndex={0}>
      <table className="console-table">{children}</table>
    </section>
  );
}
