//! Logins and tokens: how dialogs are answered without a browser, which tokens are dead, and who takes the app's permissions away.

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use chatdesk_meta::Platform;
use chrono::TimeDelta;
use serde::Deserialize;
use serde_json::json;

use super::{Answer, Refusal, platform, read};
use crate::login::{Standing, scoped_id};
use crate::{Shared, signed};

/// How every later dialog is answered.
pub(super) async fn answer(State(hub): State<Shared>, body: Bytes) -> Result<StatusCode, Refusal> {
    let standing: Standing = read(&body)?;
    if standing.person.as_ref().is_some_and(|id| !hub.people.iter().any(|person| person.id == *id)) {
        return Err(Refusal::not_found("no such person"));
    }
    hub.logins(|logins| logins.standing = standing);
    Ok(StatusCode::NO_CONTENT)
}

/// Dialogs ask again.
pub(super) async fn ask(State(hub): State<Shared>) -> StatusCode {
    hub.logins(|logins| logins.standing = Standing::default());
    StatusCode::NO_CONTENT
}

#[derive(Deserialize)]
struct OfPage {
    page_id: String,
    subcode: Option<i64>,
    #[serde(default)]
    age_hours: i64,
}

/// Every token of a page so far is dead.
pub(super) async fn revoke(State(hub): State<Shared>, body: Bytes) -> Result<StatusCode, Refusal> {
    let OfPage { page_id, subcode, .. } = read(&body)?;
    platform(&hub, &page_id)?;
    let now = hub.clock.now();
    hub.change(|world| world.tokens.revoke(&page_id, subcode.unwrap_or(460), now));
    Ok(StatusCode::NO_CONTENT)
}

pub(super) async fn restore(State(hub): State<Shared>, body: Bytes) -> Result<StatusCode, Refusal> {
    let OfPage { page_id, .. } = read(&body)?;
    platform(&hub, &page_id)?;
    hub.change(|world| world.tokens.restore(&page_id));
    Ok(StatusCode::NO_CONTENT)
}

/// A token of a page, as old as is asked for.
pub(super) async fn issue(State(hub): State<Shared>, body: Bytes) -> Answer {
    let OfPage { page_id, age_hours, .. } = read(&body)?;
    if !(0..=24 * 366).contains(&age_hours) {
        return Err(Refusal::invalid("age_hours must be from 0 to a year"));
    }
    let now = hub.clock.now();
    let token = hub.change(|world| match age_hours {
        0 => world.tokens.issue(&page_id, None, now),
        hours => world.tokens.aged(&page_id, now - TimeDelta::hours(hours)),
    });
    let token = token.ok_or_else(Refusal::no_page)?;
    Ok((StatusCode::CREATED, Json(json!({ "access_token": token }))))
}

#[derive(Default, Deserialize)]
struct Leaving {
    /// Signs wrongly.
    #[serde(default)]
    tamper: bool,
}

/// Somebody takes the app's permissions away: their tokens die, and the product is told.
pub(super) async fn deauthorize(State(hub): State<Shared>, Path(user_id): Path<String>, body: Bytes) -> Answer {
    left(&hub, &user_id, &body, "deauthorize").await
}

/// Somebody asks for their data to be deleted.
pub(super) async fn delete(State(hub): State<Shared>, Path(user_id): Path<String>, body: Bytes) -> Answer {
    left(&hub, &user_id, &body, "data-deletion").await
}

async fn left(hub: &Shared, user_id: &str, body: &[u8], callback: &str) -> Answer {
    let Leaving { tamper } = if body.is_empty() { Leaving::default() } else { read(body)? };
    let Some(target) = hub.post.target() else {
        return Err(Refusal(StatusCode::CONFLICT, "no_target", "no webhook target is set".to_owned()));
    };
    let now = hub.clock.now();
    let mut request = signed::request(&hub.secrets, user_id, now.timestamp())
        .ok_or_else(|| Refusal::invalid("the app secret signs nothing"))?;
    if tamper {
        let other = if request.starts_with('A') { "B" } else { "A" };
        request.replace_range(0..1, other);
    } else {
        hub.change(|world| {
            world.tokens.depart(user_id, now);
            let account = world
                .pages(usize::MAX)
                .find(|state| state.page.platform == Platform::Instagram && scoped_id(&state.page.page_id) == user_id);
            if let Some(page_id) = account.map(|state| state.page.page_id.clone()) {
                world.tokens.revoke(&page_id, 458, now);
            }
        });
    }
    let url = format!("{target}/api/webhooks/{callback}");
    let Some((status, answer)) = signed::post(hub.post.client(), &url, &request).await else {
        return Err(Refusal(StatusCode::BAD_GATEWAY, "unreachable", "the callback did not answer".to_owned()));
    };
    Ok((StatusCode::OK, Json(json!({ "status": status, "answer": answer }))))
}
