import type { ReactNode } from "react";

/** The heading of a page, also as the window's title, with what can be done on the page. */
export function PageHead({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <div className="cd-page-head">
      <title>{`${title} · ChatDesk`}</title>
      <h1>{title}</h1>
      {children}
    </div>
  );
}
