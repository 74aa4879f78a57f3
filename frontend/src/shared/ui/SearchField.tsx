import { useEffect, useState } from "react";

/** Typing searches by itself after this pause. */
const PAUSE_MS = 250;

/** What is typed to find something; `filter`, which lives in the address, follows after a short pause. */
export function SearchField<Filter extends { q: string }>(props: SearchProps<Filter>) {
  const { filter, onChange, label, placeholder, className } = props;
  const [typed, setTyped] = useState(filter.q);
  const [known, setKnown] = useState(filter.q);
  if (known !== filter.q) {
    // The address changed: by this field, which may be ahead of it, or by a link or the back button.
    setKnown(filter.q);
    if (typed.trim() === known) setTyped(filter.q);
  }
  useEffect(() => {
    const q = typed.trim();
    if (q === filter.q) return;
    const timer = setTimeout(() => onChange({ ...filter, q }), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [typed, filter, onChange]);
  return (
    <input
      type="search"
      className={`cd-input ${className}`}
      aria-label={label}
      placeholder={placeholder}
      maxLength={200}
      value={typed}
      onChange={(event) => setTyped(event.target.value)}
    />
  );
}

interface SearchProps<Filter> {
  filter: Filter;
  onChange: (filter: Filter) => void;
  label: string;
  placeholder: string;
  className: string;
}
