//! Tokens: a code for one, a short-lived one for one that lives, and what one is worth. Owns lifetimes and refusals.
//! Sources: Facebook Login "Manually build a login flow", "Long-lived tokens", "Debugging"; Instagram Platform "Business Login".

use axum::extract::State;
use axum::response::Response;
use chatdesk_meta::Platform;
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use super::call::Call;
use super::error::GraphError;
use super::node::answered;
use super::with_faults;
use crate::login::Spoilt;
use crate::{Hub, Shared, fault};

/// How long a person's first token lives, and the one that it is changed for.
const SHORT_LIFE: TimeDelta = TimeDelta::minutes(90);
const LONG_LIFE: TimeDelta = TimeDelta::seconds(5_183_944);
/// An Instagram token must be as old as this to be refreshed.
const REFRESHED_AFTER: TimeDelta = TimeDelta::hours(24);

pub(super) async fn facebook(State(hub): State<Shared>, call: Call) -> Response {
    with_faults(&hub, &call, fault::Call::Login, "/oauth/access_token", async |_| answered(exchanged(&hub, &call)))
        .await
}

fn exchanged(hub: &Hub, call: &Call) -> Result<Value, GraphError> {
    if call.param("client_id") != Some(hub.app_id.to_string().as_str()) {
        return Err(GraphError::bad_app());
    }
    if !call.param("client_secret").is_some_and(|secret| hub.is_secret(secret)) {
        return Err(GraphError::bad_secret());
    }
    let now = hub.clock.now();
    let (person, pages, scopes, life) = match call.param("grant_type") {
        Some("fb_exchange_token") => {
            let known = call.param("fb_exchange_token").and_then(|token| hub.logins(|logins| logins.grant(token)));
            let grant = known.filter(|grant| grant.expires > now).ok_or_else(GraphError::bad_token)?;
            (grant.person, grant.pages, grant.scopes, LONG_LIFE)
        }
        None | Some("authorization_code") => {
            let code = call.param("code").ok_or_else(|| GraphError::parameter("Missing authorization code"))?;
            let redirect_uri = call.param("redirect_uri").unwrap_or_default();
            let consent = hub.logins(|logins| logins.redeem(Platform::Facebook, code, redirect_uri, now));
            let consent = consent.map_err(|why| {
                GraphError::bad_code(match why {
                    Spoilt::Used => 36_009,
                    Spoilt::Expired => 36_007,
                    Spoilt::OtherAddress => 36_008,
                })
            })?;
            (consent.person, consent.pages, consent.scopes, SHORT_LIFE)
        }
        Some(_) => return Err(GraphError::parameter("Invalid grant_type.")),
    };
    let token = hub.logins(|logins| logins.admit(&person, &pages, &scopes, now, life));
    Ok(json!({ "access_token": token, "token_type": "bearer", "expires_in": life.num_seconds() }))
}

pub(super) async fn debug(State(hub): State<Shared>, call: Call) -> Response {
    with_faults(&hub, &call, fault::Call::Login, "/debug_token", async |_| answered(debugged(&hub, &call))).await
}

/// What a token is worth, to whoever holds the app's.
fn debugged(hub: &Hub, call: &Call) -> Result<Value, GraphError> {
    let own = call.token().ok_or_else(GraphError::no_token)?;
    let is_app = own.split_once('|').is_some_and(|(id, secret)| id == hub.app_id.to_string() && hub.is_secret(secret));
    if !is_app {
        return Err(GraphError::bad_token());
    }
    let token =
        call.param("input_token").ok_or_else(|| GraphError::parameter("The parameter input_token is required."))?;
    let (now, app_id) = (hub.clock.now(), hub.app_id.to_string());
    let dead = |code: i64, subcode: Option<i64>, why: &str| {
        let mut error = json!({ "code": code, "message": why });
        if let Some(subcode) = subcode {
            error["subcode"] = json!(subcode);
        }
        json!({ "data": { "app_id": app_id, "is_valid": false, "scopes": [], "error": error } })
    };
    let seconds = |at: Option<DateTime<Utc>>| at.map_or(0, |at| at.timestamp());
    if let Some(grant) = hub.logins(|logins| logins.grant(token)) {
        let departed = hub.read(|world| world.tokens.has_departed(&grant.person, grant.made));
        if departed || grant.expires <= now {
            let subcode = if departed { 458 } else { 463 };
            return Ok(dead(190, Some(subcode), "Error validating access token"));
        }
        let granular: Vec<Value> = grant
            .scopes
            .iter()
            .map(|scope| {
                let targets: Vec<String> = match scope.as_str() {
                    "pages_show_list" | "pages_messaging" | "pages_manage_metadata" | "pages_read_engagement" => {
                        grant.pages.clone()
                    }
                    name if name.starts_with("instagram_") => hub.read(|world| {
                        let linked = grant.pages.iter().filter_map(|id| world.linked(id));
                        linked.map(|account| account.page.page_id.clone()).collect()
                    }),
                    _ => Vec::new(),
                };
                if targets.is_empty() {
                    json!({ "scope": scope })
                } else {
                    json!({ "scope": scope, "target_ids": targets })
                }
            })
            .collect();
        return Ok(json!({ "data": {
            "app_id": app_id, "application": "ChatDesk", "type": "USER", "is_valid": true, "user_id": grant.person,
            "scopes": grant.scopes, "granular_scopes": granular, "issued_at": grant.made.timestamp(),
            "expires_at": grant.expires.timestamp(), "data_access_expires_at": (grant.made + TimeDelta::days(90)).timestamp(),
        } }));
    }
    Ok(hub.read(|world| match world.page_of(token, now) {
        Ok(state) => json!({ "data": {
            "app_id": app_id, "application": "ChatDesk", "type": "PAGE", "is_valid": true,
            "profile_id": state.page.page_id, "user_id": world.tokens.person(token),
            "scopes": ["pages_show_list", "pages_messaging", "pages_manage_metadata"], "granular_scopes": [],
            "issued_at": seconds(world.tokens.issued(token)), "expires_at": seconds(world.tokens.expires(token)),
            "data_access_expires_at": 0,
        } }),
        Err(crate::world::Dead::Revoked(subcode)) => dead(190, Some(subcode), "Error validating access token"),
        Err(crate::world::Dead::Unknown) => dead(190, None, "Invalid OAuth access token - Cannot parse access token"),
    }))
}

pub(super) async fn long_lived(State(hub): State<Shared>, call: Call) -> Response {
    with_faults(&hub, &call, fault::Call::Login, "/access_token", async |_| {
        answered(if call.param("grant_type") == Some("ig_exchange_token") {
            match call.param("client_secret").is_some_and(|secret| hub.is_secret(secret)) {
                true => renewed(&hub, &call),
                false => Err(GraphError::bad_secret()),
            }
        } else {
            Err(GraphError::parameter("Invalid grant_type."))
        })
    })
    .await
}

pub(super) async fn refreshed(State(hub): State<Shared>, call: Call) -> Response {
    with_faults(&hub, &call, fault::Call::Login, "/refresh_access_token", async |_| {
        let young = call.token().and_then(|token| hub.read(|world| world.tokens.issued(token)));
        answered(if call.param("grant_type") != Some("ig_refresh_token") {
            Err(GraphError::parameter("Invalid grant_type."))
        } else if young.is_some_and(|at| hub.clock.now() - at < REFRESHED_AFTER) {
            Err(GraphError::parameter("The token must be at least 24 hours old to be refreshed."))
        } else {
            renewed(&hub, &call)
        })
    })
    .await
}

/// A new Instagram token for a living one.
fn renewed(hub: &Hub, call: &Call) -> Result<Value, GraphError> {
    let page = call.page(hub)?;
    let now = hub.clock.now();
    let token = hub.change(|world| {
        let person = call.token().and_then(|token| world.tokens.person(token)).map(str::to_owned);
        world.tokens.issue(&page.page_id, person.as_deref(), now)
    });
    let token = token.ok_or_else(GraphError::bad_token)?;
    Ok(json!({ "access_token": token, "token_type": "bearer", "expires_in": TimeDelta::days(60).num_seconds() }))
}
