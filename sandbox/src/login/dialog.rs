//! The dialogs in which somebody allows the app its pages: `{FB_DIALOG_URL}/{version}/dialog/oauth` and `{IG_OAUTH_URL}`. Owns their
//! page, what is refused on it, and the way back. Their address may answer itself (`auto=allow`), and so may a standing order.
//! Sources: Facebook Login "Manually build a login flow"; Instagram Platform "Business Login".

use std::collections::HashMap;
use std::fmt::Write as _;

use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName, LOCATION};
use axum::response::{IntoResponse as _, Response};
use chatdesk_meta::Platform;
use url::{Url, form_urlencoded};

use super::{Auto, Consent, choices, scopes};
use crate::config::Person;
use crate::{Hub, Shared};

// No form-action: browsers hold redirects to it too, and those lead to the app.
const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'";

pub(crate) async fn facebook(State(hub): State<Shared>, RawQuery(query): RawQuery) -> Response {
    dialog(&hub, Platform::Facebook, query.unwrap_or_default().as_bytes())
}

pub(crate) async fn instagram(State(hub): State<Shared>, RawQuery(query): RawQuery) -> Response {
    dialog(&hub, Platform::Instagram, query.unwrap_or_default().as_bytes())
}

/// What the address asks for.
struct Asked {
    platform: Platform,
    /// The first of each name.
    params: HashMap<String, String>,
    /// The boxes that were ticked.
    ticked: Vec<String>,
}

impl Asked {
    fn of(platform: Platform, query: &[u8]) -> Self {
        let mut asked = Self { platform, params: HashMap::new(), ticked: Vec::new() };
        for (key, value) in form_urlencoded::parse(query) {
            if key == "page" {
                asked.ticked.push(value.into_owned());
            } else {
                asked.params.entry(key.into_owned()).or_insert_with(|| value.into_owned());
            }
        }
        asked
    }

    fn get(&self, name: &str) -> Option<&str> {
        self.params.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }
}

fn dialog(hub: &Hub, platform: Platform, query: &[u8]) -> Response {
    let asked = Asked::of(platform, query);
    let app_id = match platform {
        Platform::Facebook => hub.app_id,
        Platform::Instagram => hub.instagram_app_id,
    };
    if asked.get("client_id") != Some(app_id.to_string().as_str()) {
        return refused("App ID không hợp lệ.", "Invalid app ID: the app is not known.");
    }
    let redirect = asked.get("redirect_uri").filter(|uri| is_address(uri));
    let Some(redirect) = redirect else {
        return refused("Địa chỉ quay về không hợp lệ.", "redirect_uri must be an http or https address.");
    };
    if asked.get("response_type").is_some_and(|kind| kind != "code") {
        return refused("Yêu cầu không hợp lệ.", "response_type must be code.");
    }
    let standing = hub.logins(|logins| logins.standing.clone());
    let named = asked.get("person").or(standing.person.as_deref());
    let person = match named {
        Some(id) => hub.people.iter().find(|person| person.id == id),
        None => hub.people.first(),
    };
    let Some(person) = person else {
        return refused("Không có người này.", "There is no such person in the sandbox.");
    };
    let auto = match asked.get("auto").or(asked.get("decision")) {
        Some("1" | "allow") => Auto::Allow,
        Some("deny") => Auto::Deny,
        _ => standing.auto,
    };
    match auto {
        Auto::Ask => page(hub, &asked, person, redirect),
        Auto::Deny => back(
            redirect,
            &[
                ("error", "access_denied"),
                ("error_reason", "user_denied"),
                ("error_description", "Permissions error"),
                ("state", asked.get("state").unwrap_or_default()),
            ],
            platform,
        ),
        Auto::Allow => {
            let own = choices(person, platform);
            let named: Option<Vec<String>> = if asked.get("decision").is_some() {
                Some(asked.ticked.clone())
            } else {
                asked.get("pages").map(|list| list.split(',').map(str::to_owned).collect()).or(standing.pages)
            };
            let mut pages: Vec<String> = match named {
                Some(named) => named.into_iter().filter(|id| own.contains(&id.as_str())).collect(),
                None => own.iter().map(|id| (*id).to_owned()).collect(),
            };
            if platform == Platform::Instagram {
                pages.truncate(1);
                if pages.is_empty() {
                    return refused("Chưa chọn tài khoản.", "No account was chosen.");
                }
            }
            let without: Vec<&str> = asked.get("without").map(|list| list.split(',').collect()).unwrap_or_default();
            let mut scopes = scopes(asked.get("scope"), platform);
            scopes.retain(|scope| !without.contains(&scope.as_str()) && !standing.without.contains(scope));
            let consent =
                Consent { platform, person: person.id.clone(), pages, scopes, redirect_uri: redirect.to_owned() };
            let now = hub.clock.now();
            let code = hub.logins(|logins| logins.code(consent, now));
            back(redirect, &[("code", &code), ("state", asked.get("state").unwrap_or_default())], platform)
        }
    }
}

fn is_address(uri: &str) -> bool {
    Url::parse(uri).is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.fragment().is_none())
}

/// Sends the browser back to the app. Meta puts a fragment behind the answer, which is none of the app's business.
fn back(redirect: &str, answer: &[(&str, &str)], platform: Platform) -> Response {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(answer.iter().filter(|(_, value)| !value.is_empty()));
    let join = if redirect.contains('?') { '&' } else { '?' };
    let fragment = if platform == Platform::Facebook { "#_=_" } else { "#_" };
    let location = format!("{redirect}{join}{}{fragment}", query.finish());
    (StatusCode::FOUND, [(LOCATION, location)]).into_response()
}

fn refused(vi: &str, en: &str) -> Response {
    let body = format!("<p class=\"bad\">{}</p><p class=\"en\">{}</p>", escaped(vi), escaped(en));
    html(StatusCode::BAD_REQUEST, "chatdesk", &body)
}

/// The page: who is asked, for what, and two buttons.
fn page(hub: &Hub, asked: &Asked, person: &Person, redirect: &str) -> Response {
    let (brand, kind) = match asked.platform {
        Platform::Facebook => ("Facebook", "checkbox"),
        Platform::Instagram => ("Instagram", "radio"),
    };
    let host = Url::parse(redirect).ok().and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_default();
    let mut body = format!(
        "<p class=\"brand\" data-platform=\"{}\">{brand}</p><h1>Cho phép ChatDesk?</h1>\
         <p>{}, ứng dụng ChatDesk tại <b>{}</b> muốn trả lời tin nhắn thay bạn.</p>\
         <p class=\"en\">ChatDesk wants to answer messages for you. Nothing here reaches Meta.</p><form method=\"get\">",
        asked.platform.as_str(),
        escaped(&person.name),
        escaped(&host),
    );
    let mut params: Vec<(&String, &String)> = asked.params.iter().filter(|(key, _)| *key != "person").collect();
    params.sort_unstable();
    // Writing to a String cannot fail.
    for (key, value) in params {
        let _ = write!(body, "<input type=\"hidden\" name=\"{}\" value=\"{}\">", escaped(key), escaped(value));
    }
    let _ = write!(body, "<input type=\"hidden\" name=\"person\" value=\"{}\"><fieldset>", escaped(&person.id));
    let legend = if asked.platform == Platform::Facebook { "Chọn trang" } else { "Chọn tài khoản" };
    let _ = write!(body, "<legend>{legend}</legend>");
    for (at, id) in choices(person, asked.platform).into_iter().enumerate() {
        let name = hub.read(|world| world.page(id).map(|state| state.page.name.clone())).unwrap_or_default();
        let checked = if asked.platform == Platform::Facebook || at == 0 { " checked" } else { "" };
        let _ = write!(
            body,
            "<label><input type=\"{kind}\" name=\"page\" value=\"{0}\"{checked}> <span>{1}</span><small>{0}</small></label>",
            escaped(id),
            escaped(&name),
        );
    }
    body.push_str(
        "</fieldset><p class=\"buttons\"><button name=\"decision\" value=\"allow\">Cho phép</button>\
         <button name=\"decision\" value=\"deny\" class=\"plain\">Từ chối</button></p></form>",
    );
    let others: Vec<&Person> = hub.people.iter().filter(|other| other.id != person.id).collect();
    if !others.is_empty() {
        body.push_str("<p class=\"others\">Không phải bạn?");
        for other in others {
            let mut query = form_urlencoded::Serializer::new(String::new());
            query.extend_pairs(asked.params.iter().filter(|(key, _)| *key != "person"));
            query.append_pair("person", &other.id);
            let _ = write!(body, " <a href=\"?{}\">{}</a>", escaped(&query.finish()), escaped(&other.name));
        }
        body.push_str("</p>");
    }
    html(StatusCode::OK, asked.platform.as_str(), &body)
}

fn html(status: StatusCode, platform: &str, body: &str) -> Response {
    let headers: [(HeaderName, &str); 3] =
        [(CONTENT_TYPE, "text/html; charset=utf-8"), (CONTENT_SECURITY_POLICY, POLICY), (CACHE_CONTROL, "no-store")];
    let text = format!(
        "<!doctype html><html lang=\"vi\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" \
         content=\"width=device-width, initial-scale=1\"><title>Cho phép ChatDesk</title><link rel=\"icon\" href=\"/phone/icon.svg\" \
         type=\"image/svg+xml\"><link rel=\"stylesheet\" href=\"/phone/dialog.css\"></head><body data-platform=\"{platform}\">\
         <main>{body}</main></body></html>"
    );
    (status, headers, text).into_response()
}

/// A text that is no markup.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}
