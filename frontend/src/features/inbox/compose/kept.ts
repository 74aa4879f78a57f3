/** How long what was written waits for its writer. */
const LONGEST_MS = 30 * 24 * 3_600_000;

interface Aged {
  /** When it was written, in milliseconds since 1970. */
  at: number;
}

/** Entries in local storage, each under a key of its own: tabs write different ones and never overwrite each other's. */
export class Kept<T extends Aged> {
  constructor(
    private readonly prefix: string,
    private readonly isValid: (value: unknown) => value is T,
  ) {}

  /** Everything kept, without what has become too old. */
  all(now: number): Record<string, T> {
    const found: Record<string, T> = {};
    for (const key of this.keys()) {
      const entry = this.read(key);
      if (entry === null || now - entry.at > LONGEST_MS) this.write(key, null);
      else found[key] = entry;
    }
    return found;
  }

  write(key: string, entry: T | null): void {
    try {
      if (entry === null) localStorage.removeItem(this.prefix + key);
      else localStorage.setItem(this.prefix + key, JSON.stringify(entry));
    } catch {
      // Storage is full or switched off; then it lives as long as the page.
    }
  }

  /** Calls back with what another tab wrote. */
  listen(onChange: (key: string, entry: T | null) => void): () => void {
    const hear = ({ key, storageArea }: StorageEvent) => {
      if (storageArea !== localStorage || !key?.startsWith(this.prefix)) return;
      const name = key.slice(this.prefix.length);
      onChange(name, this.read(name));
    };
    addEventListener("storage", hear);
    return () => removeEventListener("storage", hear);
  }

  private keys(): string[] {
    try {
      return Object.keys(localStorage).flatMap((key) =>
        key.startsWith(this.prefix) ? [key.slice(this.prefix.length)] : [],
      );
    } catch {
      return [];
    }
  }

  private read(key: string): T | null {
    try {
      const value: unknown = JSON.parse(localStorage.getItem(this.prefix + key) ?? "null");
      return this.isValid(value) ? value : null;
    } catch {
      return null;
    }
  }
}
