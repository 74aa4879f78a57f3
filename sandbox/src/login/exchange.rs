//! `POST /oauth/access_token` of Instagram's own host: a code for a token that lives an hour. Owns its errors, which are not the Graph API's.
//! Source: Instagram Platform "Business Login".

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use chatdesk_meta::Platform;
use serde_json::{Value, json};
use url::form_urlencoded;

use super::{Spoilt, scoped_id};
use crate::{Hub, Shared};

pub(crate) async fn instagram(State(hub): State<Shared>, body: Bytes) -> Response {
    match exchanged(&hub, &body) {
        Ok(answer) => Json(answer).into_response(),
        Err(why) => {
            let error = json!({ "error_type": "OAuthException", "code": 400, "error_message": why });
            (StatusCode::BAD_REQUEST, Json(error)).into_response()
        }
    }
}

fn exchanged(hub: &Hub, body: &[u8]) -> Result<Value, &'static str> {
    let of = |name: &str| {
        let mut pairs = form_urlencoded::parse(body);
        pairs.find(|(key, _)| key == name).map(|(_, value)| value.into_owned()).unwrap_or_default()
    };
    if of("client_id") != hub.instagram_app_id.to_string() {
        return Err("Invalid platform app");
    }
    if !hub.is_secret(&of("client_secret")) {
        return Err("Error validating client secret.");
    }
    if of("grant_type") != "authorization_code" {
        return Err("Invalid grant_type");
    }
    let now = hub.clock.now();
    let redeemed = hub.logins(|logins| {
        let consent = logins.redeem(Platform::Instagram, &of("code"), &of("redirect_uri"), now)?;
        Ok((consent, logins.standing.wrapped))
    });
    let (consent, wrapped) = redeemed.map_err(|why| match why {
        Spoilt::Used => "Matching code was not found or was already used",
        Spoilt::Expired => "This authorization code has expired",
        Spoilt::OtherAddress => {
            "Error validating verification code. Please make sure your redirect_uri is identical to the one you used in the OAuth \
             dialog request"
        }
    })?;
    let account = consent.pages.first().map(String::as_str).unwrap_or_default();
    let token = hub.change(|world| world.tokens.issue(account, Some(&consent.person), now)).ok_or("Invalid account")?;
    let answer = json!({
        "access_token": token, "user_id": scoped_id(account).parse::<u64>().ok(), "permissions": consent.scopes.join(","),
    });
    Ok(if wrapped { json!({ "data": [answer] }) } else { answer })
}
