//! The Graph API on both hosts. Owns paths, fields, where token and proof go, and what an answer means; refuses retries
//! (only the caller knows whether a second call is safe), redirects, and ids that are more than a path segment.
//!
//! A token travels in the `Authorization` header, never in a URL, where logs would keep it; the one exception is Meta's
//! and named in [`login`].
//! Sources: Messenger Platform "User Profile API"; Instagram Platform "API with Instagram Login".

mod config;
mod error;
mod login;
mod outcome;
mod outgoing;
mod pages;
mod thread;
mod upload;
mod usage;

pub use config::{BadConfig, GraphConfig};
pub use error::{ErrorBody, GraphError, Group, classify_call};
pub use login::{InstagramGrant, UserGrant};
pub use outcome::{ChannelHealth, RefusedReason, Scope, SendOutcome, Unclear, classify_send};
pub use outgoing::{Card, QuickReply, SenderAction, Tag};
pub use pages::{GrantedPage, Subscription};
pub use thread::{Page, PlatformMessage, ThreadSummary};
pub use upload::{UploadFile, UploadOutcome, classify_upload};

use crate::{Login, Platform};
use reqwest::{Method, RequestBuilder, Response, header};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use std::time::Duration;

/// The most of a reply that is read, in bytes: no reply asked for here comes near.
const LONGEST_REPLY: usize = 256 * 1024;
/// The longest id kept, in bytes: a message's.
const LONGEST_ID: usize = crate::webhook::LONGEST_MID;
/// The longest of Meta's cursors that is handed back, in bytes; seen ones have some hundreds.
const LONGEST_CURSOR: usize = 2000;

/// A channel as Meta sees it: whose it is, which token reaches it, and through which host.
#[derive(Debug, Clone)]
pub struct Account {
    /// Where its customers write.
    pub platform: Platform,
    /// Which login gave the token.
    pub login: Login,
    /// The Page's or professional account's id, as in its webhooks.
    pub page_id: String,
    /// The Page or Instagram user token.
    pub token: SecretString,
}

/// What a page or account calls itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageProfile {
    /// The id that was asked for.
    pub id: String,
    /// Its name; the user name where it has none.
    pub name: String,
    /// Instagram's user name.
    pub username: Option<String>,
    /// The Page that an Instagram account with a Page's token is spoken to through.
    pub via_page: Option<String>,
}

impl Account {
    /// Whom calls name that subscribe and send. An Instagram account with a Page's token speaks through its Page, which is the token's own
    /// `me`: the account itself has neither edge there (Messenger Platform, Instagram messaging, "Get started").
    fn speaker(&self) -> &str {
        match (self.platform, self.login) {
            (Platform::Instagram, Login::Facebook) => "me",
            _ => &self.page_id,
        }
    }
}

/// What a customer shows of themselves; both may be missing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct UserProfile {
    /// The name; on Instagram the user name where there is none.
    pub name: Option<String>,
    /// A picture, for some days.
    pub profile_pic: Option<String>,
}

/// The client of both hosts. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Graph {
    client: reqwest::Client,
    config: GraphConfig,
}

impl Graph {
    /// A client over an HTTP client that has timeouts and follows no redirects, such as [`Graph::http_client`] gives.
    #[must_use]
    pub const fn new(config: GraphConfig, client: reqwest::Client) -> Self {
        Self { client, config }
    }

    /// An HTTP client fit for Meta: 5 s to connect, 15 s in all, no redirects (a redirected POST would be sent twice).
    ///
    /// # Errors
    /// When the TLS setup of this machine cannot be read.
    pub fn http_client() -> Result<reqwest::Client, reqwest::Error> {
        reqwest::Client::builder()
            .connect_timeout(Duration::from_secs(5))
            .timeout(Duration::from_secs(15))
            .pool_idle_timeout(Duration::from_secs(30))
            .redirect(reqwest::redirect::Policy::none())
            .build()
    }

    /// The page or account behind the token. Shows that the token is alive and is `account.page_id`'s own: the token's `me` is asked, for
    /// whoever may read a page need not be the page.
    ///
    /// # Errors
    /// [`GraphError::OtherAccount`] when the token answers for another id; else as Meta says.
    pub async fn page_profile(&self, account: &Account) -> Result<PageProfile, GraphError> {
        let fields = match (account.platform, account.login) {
            (Platform::Facebook, Login::Facebook) => "id,name",
            (Platform::Instagram, Login::Facebook) => "id,instagram_business_account{id,username,name}",
            (Platform::Instagram, Login::Instagram) => "id,username,user_id,name",
            (Platform::Facebook, Login::Instagram) => return Err(no_such_login()),
        };
        let request = self.request(account, Method::GET, &["me"]).ok_or_else(bad_id)?.query(&[("fields", fields)]);
        let reply = call(request).await?;
        let (known, found, via_page) = match (account.platform, account.login) {
            (Platform::Instagram, Login::Facebook) => {
                // A Page without an account behind it, or none that this token may know.
                let behind = reply.get("instagram_business_account").ok_or(GraphError::OtherAccount)?;
                (behind, id(behind, "id"), id(&reply, "id"))
            }
            // `id` is scoped to the app there; webhooks name the account by its `user_id`.
            (Platform::Instagram, Login::Instagram) => (&reply, id(&reply, "user_id"), None),
            (Platform::Facebook, _) => (&reply, id(&reply, "id"), None),
        };
        let found = found.ok_or(GraphError::NotFound)?;
        if found != account.page_id {
            return Err(GraphError::OtherAccount);
        }
        let username = text(known, "username");
        let name = text(known, "name").or_else(|| username.clone()).unwrap_or_else(|| found.clone());
        Ok(PageProfile { id: found, name, username, via_page })
    }

    /// A customer's name and picture. The message must never wait for it nor fail with it.
    ///
    /// # Errors
    /// [`GraphError::Rejected`] when the customer gave no consent (code 230); else as Meta says.
    pub async fn user_profile(&self, account: &Account, user_id: &str) -> Result<UserProfile, GraphError> {
        let fields = match account.platform {
            Platform::Facebook => "first_name,last_name,profile_pic",
            Platform::Instagram => "name,username,profile_pic",
        };
        let request = self.request(account, Method::GET, &[user_id]).ok_or_else(bad_id)?;
        let reply = call(request.query(&[("fields", fields)])).await?;
        let parts: Vec<String> = ["first_name", "last_name"].iter().filter_map(|key| text(&reply, key)).collect();
        let name = text(&reply, "name").or_else(|| (!parts.is_empty()).then(|| parts.join(" ")));
        Ok(UserProfile {
            name: name.or_else(|| text(&reply, "username")),
            profile_pic: text(&reply, "profile_pic")
                .filter(|url| url.starts_with("https://") || url.starts_with("http://")),
        })
    }

    /// A request with token and proof. None when an id is no path segment or the token no header.
    fn request(&self, account: &Account, method: Method, path: &[&str]) -> Option<RequestBuilder> {
        self.with_token(account.login, &account.token, method, self.config.url(account.login, path)?)
    }

    fn with_token(&self, login: Login, token: &SecretString, method: Method, url: url::Url) -> Option<RequestBuilder> {
        let request = bearer(self.plain(method, url), token)?;
        // Whether Instagram's host knows the proof is not documented.
        Some(match (&self.config.secrets, login) {
            (Some(secrets), Login::Facebook) => request.query(&[("appsecret_proof", secrets.appsecret_proof(token))]),
            _ => request,
        })
    }

    fn plain(&self, method: Method, url: url::Url) -> RequestBuilder {
        self.client.request(method, url).timeout(self.config.timeout)
    }
}

/// The token goes into a header that is not shown in debug output. None when it is no header value.
fn bearer(request: RequestBuilder, token: &SecretString) -> Option<RequestBuilder> {
    let mut bearer = header::HeaderValue::try_from(format!("Bearer {}", token.expose_secret())).ok()?;
    bearer.set_sensitive(true);
    Some(request.header(header::AUTHORIZATION, bearer))
}

/// Runs a call that sends no message.
async fn call(request: RequestBuilder) -> Result<Value, GraphError> {
    let response = request.send().await.map_err(|_| GraphError::Unavailable)?;
    let (status, wait) = (response.status().as_u16(), usage::wait(response.headers()));
    let reply = body(response).await.map_err(|_| GraphError::Unavailable)?;
    if (200..300).contains(&status)
        && ErrorBody::read(&reply).is_none()
        && let Ok(value) = serde_json::from_slice(&reply)
    {
        return Ok(value);
    }
    Err(classify_call(status, wait, &reply))
}

/// The reply, cut at [`LONGEST_REPLY`]: a longer one is then unreadable, as it should be.
async fn body(mut response: Response) -> Result<Vec<u8>, reqwest::Error> {
    let mut reply = Vec::new();
    while let Some(chunk) = response.chunk().await? {
        let room = LONGEST_REPLY - reply.len();
        reply.extend_from_slice(&chunk[..chunk.len().min(room)]);
        if chunk.len() >= room {
            break;
        }
    }
    Ok(reply)
}

/// The `data` of a reply; empty where there is none.
fn data(reply: &Value) -> &[Value] {
    reply.get("data").and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// The cursor of the next page. `paging.next` is only looked into, never called: it names a host and may carry a token.
fn next_cursor(reply: &Value) -> Option<String> {
    let paging = reply.get("paging")?;
    let next = url::Url::parse(paging.get("next")?.as_str()?).ok()?;
    let after = paging.get("cursors").and_then(|cursors| cursors.get("after")).and_then(Value::as_str);
    let after = after.map(str::to_owned);
    let after =
        after.or_else(|| next.query_pairs().find(|(key, _)| key == "after").map(|(_, after)| after.into_owned()));
    after.filter(|after| !after.is_empty() && is_cursor(after))
}

fn is_cursor(cursor: &str) -> bool {
    cursor.len() <= LONGEST_CURSOR && cursor.bytes().all(|byte| byte.is_ascii_graphic())
}

/// An id of a reply, which may come as a number.
fn id(reply: &Value, key: &str) -> Option<String> {
    let id = match reply.get(key)? {
        Value::String(id) => id.clone(),
        Value::Number(id) if id.is_u64() => id.to_string(),
        _ => return None,
    };
    let usable = !id.is_empty() && id.len() <= LONGEST_ID && id.bytes().all(|byte| byte.is_ascii_graphic());
    usable.then_some(id)
}

/// A string of a reply, without control characters; blank is none.
fn text(reply: &Value, key: &str) -> Option<String> {
    let text: String = reply.get(key)?.as_str()?.chars().filter(|c| !c.is_control()).take(2000).collect();
    (!text.trim().is_empty()).then(|| text.trim().to_owned())
}

fn bad_id() -> GraphError {
    GraphError::Rejected { code: None, message: "the id or the token is not of a form that Meta uses".to_owned() }
}

fn no_such_login() -> GraphError {
    GraphError::Rejected { code: None, message: "a Facebook Page is connected with a Facebook login".to_owned() }
}
