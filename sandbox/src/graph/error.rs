//! Errors in Meta's form. Owns codes and statuses.
//! Sources: Graph API "Handling errors"; Messenger Platform "Error codes".

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use chatdesk_meta::Platform;
use serde_json::json;
use uuid::Uuid;

use crate::fault::Fault;

/// A refusal.
#[derive(Debug, Clone)]
pub(crate) struct GraphError {
    status: u16,
    code: i64,
    subcode: Option<i64>,
    message: String,
    is_transient: bool,
    /// Seconds.
    retry_after: Option<u64>,
}

impl GraphError {
    fn new(code: i64, subcode: Option<i64>, message: impl Into<String>) -> Self {
        let is_transient = matches!(code, 1 | 2);
        let status = if is_transient { 500 } else { 400 };
        Self { status, code, subcode, message: message.into(), is_transient, retry_after: None }
    }

    pub(super) fn unknown_path() -> Self {
        Self::new(2500, None, "Unknown path components")
    }

    pub(super) fn no_token() -> Self {
        Self::new(104, None, "An access token is required to request this resource.")
    }

    pub(super) fn bad_token() -> Self {
        Self { status: 401, ..Self::new(190, None, "Invalid OAuth access token - Cannot parse access token") }
    }

    /// A token that lived once.
    pub(super) fn dead_token(subcode: i64) -> Self {
        let why = match subcode {
            458 => "The user has not authorized the application.",
            460 => "The session has been invalidated because the user changed the password.",
            463 => "Session has expired.",
            _ => "The session is invalid.",
        };
        Self { status: 401, ..Self::new(190, Some(subcode), format!("Error validating access token: {why}")) }
    }

    /// What a code or a token is refused with at a login. Subcodes from memory: 36007 expired, 36008 another redirect_uri, 36009 used.
    pub(super) fn bad_code(subcode: i64) -> Self {
        let why = match subcode {
            36_007 => "This authorization code has expired.",
            36_008 => {
                "Error validating verification code. Please make sure your redirect_uri is identical to the one you used in the OAuth \
                 dialog request"
            }
            _ => "This authorization code has been used.",
        };
        Self::new(100, Some(subcode), why)
    }

    pub(super) fn bad_secret() -> Self {
        // Of the same code as a temporary failure, and none.
        Self { status: 400, is_transient: false, ..Self::new(1, None, "Error validating client secret.") }
    }

    pub(super) fn bad_app() -> Self {
        Self::new(101, None, "Error validating application. Cannot get application info due to a system error.")
    }

    pub(super) fn parameter(message: impl Into<String>) -> Self {
        Self::new(100, None, format!("(#100) {}", message.into()))
    }

    pub(super) fn wrong_media() -> Self {
        Self::new(100, Some(2_018_047), "(#100) Upload attachment failure.")
    }

    pub(super) fn too_large() -> Self {
        Self::new(100, Some(2_018_109), "(#100) Attachment size exceeds allowable limit")
    }

    pub(super) fn no_attachment() -> Self {
        Self::new(100, Some(2_018_074), "(#100) Invalid attachment id")
    }

    pub(super) fn bad_proof() -> Self {
        Self::new(100, None, "Invalid appsecret_proof provided in the API argument")
    }

    pub(super) fn no_object(verb: &str, id: &str) -> Self {
        let message = format!(
            "Unsupported {verb} request. Object with ID '{id}' does not exist, cannot be loaded due to missing permissions, or does \
             not support this operation."
        );
        Self::new(100, Some(33), message)
    }

    pub(super) fn no_field(field: &str) -> Self {
        Self::parameter(format!("Tried accessing nonexisting field ({field})"))
    }

    pub(super) fn no_recipient(platform: Platform) -> Self {
        let subcode = match platform {
            Platform::Facebook => 2_018_001,
            Platform::Instagram => 2_534_014,
        };
        Self::new(100, Some(subcode), "(#100) No matching user found")
    }

    pub(super) fn window_closed(platform: Platform) -> Self {
        let subcode = match platform {
            Platform::Facebook => 2_018_278,
            Platform::Instagram => 2_534_022,
        };
        Self::new(10, Some(subcode), "(#10) This message is sent outside of allowed window.")
    }

    /// What a fault on order asks for. A code alone brings its usual status and a status alone its usual code.
    pub(super) fn ordered(fault: &Fault) -> Self {
        let usual = match fault.status {
            Some(429) => 613,
            Some(401) => 190,
            Some(403) => 200,
            Some(status) if (400..500).contains(&status) => 100,
            _ => 2,
        };
        let code = fault.number().unwrap_or(usual);
        let limit = matches!(code, 4 | 17 | 32 | 341 | 613 | 80_001 | 80_002 | 80_006);
        let message = match code {
            1 | 2 => "Service temporarily unavailable".to_owned(),
            190 => "Error validating access token: the session has been invalidated.".to_owned(),
            551 => "(#551) This person isn't available right now.".to_owned(),
            _ if limit => format!("(#{code}) Calls to this api have exceeded the rate limit."),
            _ => format!("(#{code}) An error on order."),
        };
        let plain = Self::new(code, fault.subcode, message);
        Self {
            status: fault.status.unwrap_or(plain.status),
            retry_after: (limit || fault.status == Some(429)).then(|| fault.retry_after()),
            ..plain
        }
    }
}

impl IntoResponse for GraphError {
    fn into_response(self) -> Response {
        let mut error = json!({
            "message": self.message,
            "type": if self.subcode == Some(33) { "GraphMethodException" } else { "OAuthException" },
            "code": self.code,
            "fbtrace_id": format!("A{}", Uuid::new_v4().simple()),
        });
        if let Some(subcode) = self.subcode {
            error["error_subcode"] = json!(subcode);
        }
        if self.is_transient {
            error["is_transient"] = json!(true);
        }
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = (status, Json(json!({ "error": error }))).into_response();
        if let Some(seconds) = self.retry_after {
            response.headers_mut().insert(axum::http::header::RETRY_AFTER, seconds.into());
        }
        response
    }
}
