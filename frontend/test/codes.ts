// Every code of the services that a person can meet, in one place. `codes.test.ts` holds it against the words of the app and against
// what the services say of themselves: a new code belongs here and into the words, both languages.

/** Why the assistant is silent or handed a conversation over: reasons.json, `reason`. */
export const REASONS = {
  /** ai-svc, `Reason`. */
  answers: [
    "asks_for_person",
    "complaint",
    "refund",
    "legal",
    "medical",
    "self_harm",
    "threat",
    "nothing_found",
    "not_in_catalogue",
    "guard_blocked",
    "model_asked",
    "budget_used_up",
    "no_text",
  ],
  /** inbox-svc, where it works off a turn or shows a conversation. */
  turns: [
    "human_replied",
    "switched_off",
    "other_app",
    "attachment_only",
    "too_late",
    "too_many_replies",
    "products_changed",
    "empty_answer",
    "window_closed",
    "ai_unavailable",
    "channel_gone",
    "handover",
  ],
};

/** Which rule a draft broke: reasons.json, `rule`. ai-svc, `Rule`. */
export const RULES = [
  "empty",
  "too_long",
  "characters",
  "markup",
  "unreadable",
  "link",
  "contact",
  "prompt_leak",
  "unknown_product",
  "amount",
  "number",
  "percent",
  "discount",
  "stock",
  "variant",
  "delivery",
  "returns",
  "warranty",
  "payment",
  "place",
  "order",
  "medical",
  "agreement",
  "language",
  "unsourced",
];

/** Why a message did not go out: inbox.json, `failure`. */
export const FAILURES = {
  /** inbox-svc, `Cause`. */
  ours: [
    "window_closed",
    "superseded",
    "too_old",
    "stale",
    "previous_part",
    "tenant_suspended",
    "channel_disconnected",
    "not_sent",
    "not_delivered",
  ],
  /** meta, `RefusedReason`. */
  metas: [
    "window_closed",
    "recipient_unavailable",
    "recipient_unknown",
    "thread_gone",
    "restricted",
    "needs_reconnect",
    "permission",
    "consent_required",
    "invalid_content",
    "invalid_request",
    "rejected",
  ],
  /** tenants-svc, of what was put off. */
  later: ["rate_limited", "unreachable"],
};

/** What is wrong with a channel: channels.json, `trouble`. tenants-svc, `Trouble`. */
export const TROUBLES = [
  "app_removed",
  "checkpoint",
  "password_changed",
  "expired",
  "unconfirmed",
  "logged_out",
  "role_lost",
  "other_page",
  "permission",
  "deauthorized",
  "blocked",
];

/** These say no more than the channel's state, which has its own words. */
export const TROUBLES_AS_STATES = ["token_refused", "restricted"];

/** What became of a request: errors.json. The last line is the browser's own. */
export const ERRORS = [
  "timeout",
  "internal",
  "unavailable",
  "overloaded",
  "unauthenticated",
  "forbidden",
  "csrf",
  "not_found",
  "invalid_fields",
  "conflict",
  "precondition_failed",
  "too_large",
  "slow_body",
  "broken_body",
  "too_many_requests",
  "too_many_logins",
  "too_many_uploads",
  "too_many_labels",
  "too_many_members",
  "too_many_saved_replies",
  "email_taken",
  "email_in_use",
  "name_in_use",
  "shortcut_in_use",
  "tenant_suspended",
  "idempotency_key_reused",
  "window_closed",
  "channel_disconnected",
  "needs_reconnect",
  "restricted",
  "permission",
  "rejected",
  "page_taken",
  "token_rejected",
  "unreachable",
  "rate_limited",
  "exhausted",
  "token_budget_spent",
  "not_failed",
  "type_not_supported",
  "login_not_configured",
  "login_refused",
  "no_right",
  "page_free",
  "already_connected",
  "already_decided",
  "not_yours",
  "not_kept",
  "not_undecided",
  "sku_taken",
  "import_running",
  "too_many_imports",
  "too_many_exports",
  "too_many_entries",
  "too_many_rows",
  "id_in_use",
  "replay_running",
  ...["network", "canceled", "refused", "too_many_requests_wait"],
];

/** These go to programs, or tell of a defect of this app: a person gets a general sentence and the request's id. */
export const ERRORS_FOR_PROGRAMS = [
  "app_not_built",
  "bad_signature",
  "length_required",
  "malformed_json",
  "method_not_allowed",
  "origin_not_allowed",
  "resync",
  "unsupported_media_type",
  "upgrade_required",
  "wrong_verify_token",
];

/** What is wrong with a field, whichever it is: errors.json, `field`. */
export const FIELD_ERRORS = [
  "invalid",
  "required",
  "too_short",
  "too_long",
  "too_large",
  "too_deep",
  "malformed",
  "out_of_range",
  "unknown_value",
  "wrong_type",
  "unknown",
  "wrong",
  "duplicate",
  "broken",
  "exclusive",
  "foreign_origin",
  "unknown_member",
  "unknown_label",
  "type_not_supported",
  "too_many",
  "format_not_supported",
];

/** Why a file of products cannot be taken over: imports.json, `failure`. catalog-svc, `Broken`, and where its work ends. */
export const IMPORT_FAILURES = [
  "encoding",
  "empty_file",
  "no_name_column",
  "duplicate_column",
  "too_many_rows",
  "too_many_columns",
  "broken_quotes",
  "broken_file",
  "protected_file",
  "too_large_unpacked",
  "internal",
];

/** Why a product of a file is refused, whichever field it is about: imports.json, `error`. */
export const IMPORT_ERRORS = [
  "required",
  "too_long",
  "malformed",
  "out_of_range",
  "unknown_value",
  "unknown",
  "too_deep",
  "too_many",
  "duplicate",
  "taken",
  "ambiguous",
  "too_many_cells",
  "formula_error",
];
