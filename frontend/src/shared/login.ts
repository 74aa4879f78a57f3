import { useSession } from "@/api/session";

const SHORTEST_PASSWORD = 8;
/** Platform admins see more than one shop. */
const SHORTEST_OF_ADMINS = 12;

/** Whether it looks like an address. Only the server knows more. */
export function isEmail(typed: string): boolean {
  return /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(typed.trim());
}

/** The server counts characters, not bytes. */
export function isLongEnough(password: string, least = SHORTEST_PASSWORD): boolean {
  return Array.from(password).length >= least;
}

/** How long the password of whoever is here has to be. */
export function useShortestPassword(): number {
  return useSession((state) => state.user?.role === "admin") ? SHORTEST_OF_ADMINS : SHORTEST_PASSWORD;
}
