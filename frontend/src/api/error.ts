/** A field that the server refused. */
export interface FieldError {
  field: string;
  code: string;
  detail: string;
}

interface Told {
  status: number;
  code: string;
  detail?: string;
  requestId?: string | null;
  errors?: FieldError[];
  retryAfter?: number | null;
}

/**
 * A request that failed. `status` is 0 when no answer came; then `code` is `network`, `timeout` or `canceled`.
 * `code` is what to translate, `detail` is for developers.
 */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  readonly requestId: string | null;
  readonly errors: readonly FieldError[];
  /** Seconds to wait, when the server said so. */
  readonly retryAfter: number | null;
  /** When that is over, in milliseconds since 1970 by this machine's clock. */
  readonly retryAt: number | null;

  constructor(told: Told) {
    super(told.detail || told.code);
    this.name = "ApiError";
    this.status = told.status;
    this.code = told.code;
    this.detail = told.detail ?? "";
    this.requestId = told.requestId ?? null;
    this.errors = told.errors ?? [];
    this.retryAfter = told.retryAfter ?? null;
    this.retryAt = this.retryAfter === null ? null : Date.now() + this.retryAfter * 1000;
  }
}

/** Whether trying the very same request again may help. */
export function isTransient(error: unknown): boolean {
  if (!(error instanceof ApiError)) return false;
  return error.code === "network" || error.code === "timeout" || [502, 503, 504].includes(error.status);
}

/** Whether the thing asked for does not exist, or belongs to another business. */
export function isNotFound(error: unknown): boolean {
  return error instanceof ApiError && error.status === 404;
}

/** Reads an answer that reports a failure. Proxies in between may answer with anything. */
export function errorFromAnswer(status: number, body: unknown, headers: HeaderSource): ApiError {
  const problem = isRecord(body) ? body : {};
  return new ApiError({
    status,
    code: text(problem.code) ?? codeOf(status),
    detail: text(problem.detail) ?? "",
    requestId: text(problem.request_id) ?? headers("x-request-id"),
    errors: Array.isArray(problem.errors) ? problem.errors.flatMap(fieldError) : [],
    retryAfter: seconds(headers("retry-after")),
  });
}

/** Looks up a header by its lower-case name. */
export type HeaderSource = (name: string) => string | null;

function codeOf(status: number): string {
  if (status === 404) return "not_found";
  if (status === 413) return "too_large";
  if (status === 429) return "too_many_requests";
  if (status === 504) return "timeout";
  return status === 502 || status === 503 ? "unavailable" : "internal";
}

function fieldError(entry: unknown): FieldError[] {
  if (!isRecord(entry)) return [];
  const field = text(entry.field);
  const code = text(entry.code);
  return field && code ? [{ field, code, detail: text(entry.detail) ?? "" }] : [];
}

function seconds(header: string | null): number | null {
  const number = header === null ? Number.NaN : Number(header);
  return Number.isFinite(number) && number >= 0 ? Math.ceil(number) : null;
}

function text(value: unknown): string | null {
  return typeof value === "string" && value !== "" ? value : null;
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
