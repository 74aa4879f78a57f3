import { type CSSProperties, type ReactNode, useState } from "react";
import { initials, safeUrl } from "../text";

/** Text for screen readers only. */
export function VisuallyHidden({ children }: { children: ReactNode }) {
  return <span className="cd-hidden">{children}</span>;
}

export type Tone = "neutral" | "count" | "info" | "success" | "warning" | "error" | "ai";

export function Badge({
  tone = "neutral",
  children,
  title,
}: {
  tone?: Tone;
  children: ReactNode;
  title?: string;
}) {
  return (
    <span className={tone === "neutral" ? "cd-badge" : `cd-badge cd-tint-${tone}`} title={title}>
      {children}
    </span>
  );
}

/** White text is readable on each of them. */
const COLORS = ["#7a3e9d", "#0b6b8a", "#9a3412", "#1f6f43", "#a02558", "#3f51a3", "#6b5b00", "#4a5568"];

/** A person's picture, or their initials when there is none or it does not load. Decorative: the name stands beside it. */
export function Avatar({ name, url, size = 36 }: { name: string; url?: string | null; size?: number }) {
  const [broken, setBroken] = useState<string | null>(null);
  const picture = safeUrl(url);
  const shows = picture !== null && picture !== broken;
  const style: CSSProperties = { width: size, height: size, fontSize: size * 0.4, background: colorOf(name) };
  return (
    // The initials are drawn by the style sheet: as text they would belong to the name of a button around them.
    <span
      className="cd-avatar"
      style={style}
      aria-hidden="true"
      data-initials={shows ? undefined : initials(name) || "?"}
    >
      {shows && (
        <img
          src={picture}
          alt=""
          width={size}
          height={size}
          loading="lazy"
          referrerPolicy="no-referrer"
          onError={() => setBroken(picture)}
        />
      )}
    </span>
  );
}

function colorOf(name: string): string {
  let sum = 0;
  for (const letter of name) sum = (sum * 31 + (letter.codePointAt(0) ?? 0)) % 4093;
  return COLORS[sum % COLORS.length] ?? "#4a5568";
}
