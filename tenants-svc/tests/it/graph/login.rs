//! The stand-in's two logins: codes, tokens, what a person may manage, and the renewal of an account's token.

use axum::response::Response;
use serde_json::{Value, json};

use super::{FACEBOOK_APP, Graph, pairs, reply};

fn of<'a>(all: &'a [(String, String)], name: &str) -> &'a str {
    all.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value)
}

/// The answer to a step of a login; none when it is no such step.
pub fn answer(
    graph: &Graph,
    segments: &[&str],
    authorization: &str,
    query: &[(String, String)],
    body: &[u8],
) -> Option<Response> {
    let form = pairs(std::str::from_utf8(body).unwrap_or_default());
    let bearer = authorization.strip_prefix("Bearer ").unwrap_or_default();
    let refused = || reply(400, &json!({"error": {"message": "No", "code": 100, "error_subcode": 36009}}));
    Some(match segments {
        ["graph", _, "oauth", "access_token"] if !of(&form, "fb_exchange_token").is_empty() => {
            let person = of(&form, "fb_exchange_token").trim_start_matches("short-").to_owned();
            reply(200, &json!({"access_token": format!("user-{person}"), "expires_in": 5_183_944}))
        }
        ["graph", _, "oauth", "access_token"] => match redeem(graph, of(&form, "code")) {
            Some(person) => reply(200, &json!({"access_token": format!("short-{person}"), "expires_in": 3600})),
            None => refused(),
        },
        ["graph", _, "debug_token"] => {
            let person = of(query, "input_token").trim_start_matches("user-").to_owned();
            let scopes = ["pages_show_list", "pages_messaging"];
            let data = json!({"is_valid": true, "app_id": FACEBOOK_APP, "user_id": person, "scopes": scopes});
            reply(200, &json!({"data": data}))
        }
        ["graph", _, "me", "accounts"] if bearer.starts_with("user-") => {
            // Two at a time.
            let from: usize = of(query, "after").parse().unwrap_or_default();
            let accounts = graph.script().accounts.clone();
            let page: Vec<Value> = accounts.iter().skip(from).take(2).cloned().collect();
            let after = (from + 2).to_string();
            let paging = if from + 2 < accounts.len() {
                json!({"cursors": {"after": after}, "next": format!("https://x.example/?after={after}")})
            } else {
                json!({"cursors": {"after": after}})
            };
            reply(200, &json!({"data": page, "paging": paging}))
        }
        ["oauth", "access_token"] => match redeem(graph, of(&form, "code")) {
            Some(account) => reply(200, &json!({"access_token": format!("short-{account}"), "user_id": 1})),
            None => reply(400, &json!({"error_type": "OAuthException", "code": 400, "error_message": "No"})),
        },
        ["instagram", "access_token"] => {
            let account = bearer.trim_start_matches("short-").to_owned();
            reply(200, &json!({"access_token": format!("token-of-{account}"), "expires_in": 5_184_000}))
        }
        ["instagram", "refresh_access_token"] => {
            let mut script = graph.script();
            script.renewals += 1;
            let token = format!("{}.r{}", bearer.split('.').next().unwrap_or_default(), script.renewals);
            reply(200, &json!({"access_token": token, "token_type": "bearer", "expires_in": 5_184_000}))
        }
        _ => return None,
    })
}

/// A code works once.
fn redeem(graph: &Graph, code: &str) -> Option<String> {
    let person = code.strip_prefix("code-of-")?;
    graph.script().used.insert(code.to_owned()).then(|| person.split('.').next().unwrap_or_default().to_owned())
}
