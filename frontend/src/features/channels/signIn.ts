import { useMutation } from "@tanstack/react-query";
import { ApiError, isRecord } from "@/api/error";
import { startLogin } from "@/api/gen/channels/channels";
import type { Channel, Platform } from "@/api/gen/model";
import { useSession } from "@/api/session";
import { type LoginReturn, RETURN_PATH } from "@/shared/loginReturn";
import { safeUrl } from "@/shared/text";

/** Of this window only, and it outlives the visit to Meta. */
const KEY = "cd.login-at-meta";

/** A login at Meta that was begun in this window. */
export interface Begun {
  /** What Meta must bring back, as proof that it answers this login. */
  state: string;
  platform: Platform;
  /** Who began it. */
  person: string;
  /** Meta's id of the page that it is about. */
  pageId: string | null;
}

/** What came of a login. */
export type Outcome =
  /** Nothing came back: the address was opened by hand, or the page was loaded anew. */
  | { kind: "nothing" }
  /** The person said no. */
  | { kind: "denied"; platform: Platform }
  /** It answers no login of this window, or somebody else's. */
  | { kind: "foreign" }
  /** Meta brought neither a code nor a refusal that is known. */
  | { kind: "failed" }
  | { kind: "code"; code: string; begun: Begun };

export function judge(returned: LoginReturn | null, begun: Begun | null, person: string | null): Outcome {
  if (returned === null) return { kind: "nothing" };
  if (begun === null || returned.state !== begun.state || person !== begun.person) return { kind: "foreign" };
  if (returned.error === "access_denied") return { kind: "denied", platform: begun.platform };
  return returned.code ? { kind: "code", code: returned.code, begun } : { kind: "failed" };
}

/** Where the login comes back to, to the letter as Meta was told. */
export function returnAddress(): string {
  return `${window.location.origin}${RETURN_PATH}`;
}

export interface SignIn {
  platform: Platform;
  /** The channel to connect anew. */
  channel: Channel | null;
  /** Meta's id of the page that it is about, when that is no channel yet. */
  pageId?: string;
}

/** Goes to Meta's login. It fails where this installation has no app there: see `isNotConfigured`. */
export function useSignIn(onError: (error: unknown, wish: SignIn) => void) {
  const person = useSession((state) => state.user?.id) ?? "";
  return useMutation({
    mutationFn: async ({ platform, channel, pageId }: SignIn) => {
      const { url, state } = await startLogin(platform, { redirect_uri: returnAddress() });
      const dialog = safeUrl(url);
      if (dialog === null) throw new ApiError({ status: 0, code: "internal", detail: "no dialog" });
      begin({ state, platform, person, pageId: channel?.platform_page_id ?? pageId ?? null });
      window.location.assign(dialog);
    },
    onError,
  });
}

export function isNotConfigured(error: unknown): boolean {
  return error instanceof ApiError && error.code === "login_not_configured";
}

function begin(begun: Begun): void {
  try {
    sessionStorage.setItem(KEY, JSON.stringify(begun));
  } catch {
    // Without a storage nothing could be compared later; the page that it comes back to says so.
  }
}

export function begunLogin(): Begun | null {
  try {
    const kept: unknown = JSON.parse(sessionStorage.getItem(KEY) ?? "null");
    if (!isRecord(kept)) return null;
    const { state, platform, person, pageId } = kept;
    if (typeof state !== "string" || state === "" || typeof person !== "string") return null;
    if (platform !== "facebook" && platform !== "instagram") return null;
    return { state, platform, person, pageId: typeof pageId === "string" ? pageId : null };
  } catch {
    return null;
  }
}

/** A login is answered once. */
export function forgetBegun(): void {
  try {
    sessionStorage.removeItem(KEY);
  } catch {
    // Then there is nothing to forget.
  }
}
