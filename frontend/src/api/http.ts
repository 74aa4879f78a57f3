import type { AxiosRequestConfig } from "axios";
import { ApiError } from "./error";
import { freshAccess, renewAccess } from "./renew";
import { known, send } from "./wire";

export type RequestOptions = AxiosRequestConfig;

/**
 * What every generated function calls. Adds the access token, renews it once when it does not work, and throws `ApiError`.
 * `options.signal` cancels, `options.onUploadProgress` tells how far an upload is.
 */
export async function request<T>(config: AxiosRequestConfig, options?: RequestOptions): Promise<T> {
  const headers = { ...known(config.headers), ...known(options?.headers) };
  const wanted = { ...config, ...options, headers };
  if (OPEN.has(config.url ?? "")) return send<T>(wanted, null);
  const access = await freshAccess();
  try {
    return await send<T>(wanted, access?.token ?? null);
  } catch (error) {
    if (access === null || !(error instanceof ApiError) || error.status !== 401) throw error;
    const renewed = await renewAccess(access.token);
    return send<T>(wanted, renewed.token);
  }
}

/** These begin or end a session with a password or the cookie, so that no access token belongs to them. */
const OPEN = new Set(["/api/auth/login", "/api/auth/register", "/api/auth/refresh", "/api/auth/logout"]);

/** Marks a request so that repeating it does nothing twice. */
export function idempotencyKey(key: string): RequestOptions {
  return { headers: { "Idempotency-Key": key } };
}
