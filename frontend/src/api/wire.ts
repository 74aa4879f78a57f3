import axios, { AxiosError, type AxiosRequestConfig, type AxiosResponse } from "axios";
import { ApiError, errorFromAnswer } from "./error";

/** How long an answer may take. Uploads say otherwise. */
const PATIENCE_MS = 20_000;
/** Proof that our own page asks: no form and no other site can set it. */
export const CSRF = { "X-CD-CSRF": "1" };

/** Another origin only when the app is served from elsewhere than the API. */
const BASE_URL: string = import.meta.env.VITE_API_URL ?? "";

/** Where the browser itself goes for what the API calls by a path. */
export const addressOf = (path: string): string => BASE_URL + path;

const instance = axios.create({ baseURL: BASE_URL, timeout: PATIENCE_MS, withCredentials: BASE_URL !== "" });

/** Sends one request as it is. Throws `ApiError` and nothing else. */
export async function send<T>(config: AxiosRequestConfig, token: string | null): Promise<T> {
  const headers = {
    ...known(config.headers),
    ...(token === null ? {} : { Authorization: `Bearer ${token}` }),
  };
  try {
    return (await instance.request<T>({ ...config, headers })).data;
  } catch (error) {
    throw told(error);
  }
}

/** Leaves out headers that are not set: the generated functions pass them as undefined. */
export function known(headers: AxiosRequestConfig["headers"]): Record<string, string> {
  const entries = Object.entries(headers ?? {});
  return Object.fromEntries(
    entries.flatMap(([name, value]) => (value == null ? [] : [[name, String(value)]])),
  );
}

function told(error: unknown): ApiError {
  if (!(error instanceof AxiosError))
    return new ApiError({ status: 0, code: "internal", detail: String(error) });
  const { response } = error;
  if (response !== undefined) {
    return errorFromAnswer(response.status, response.data, (name) => header(response, name));
  }
  const code =
    error.code === "ERR_CANCELED" ? "canceled" : error.code === "ECONNABORTED" ? "timeout" : "network";
  return new ApiError({ status: 0, code, detail: error.message });
}

function header(response: AxiosResponse<unknown>, name: string): string | null {
  const value: unknown = response.headers[name];
  return typeof value === "string" ? value : null;
}
