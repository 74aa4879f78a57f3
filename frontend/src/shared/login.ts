const SHORTEST_PASSWORD = 8;

/** Whether it looks like an address. Only the server knows more. */
export function isEmail(typed: string): boolean {
  return /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(typed.trim());
}

/** The server counts characters, not bytes. */
export function isLongEnough(password: string): boolean {
  return Array.from(password).length >= SHORTEST_PASSWORD;
}
