//! The Graph API on both hosts. Owns paths, fields, where token and proof go, and what an answer means; refuses retries
//! (only the caller knows whether a second call is safe), redirects, and ids that are more than a path segment.
//!
//! A token travels in the `Authorization` header only, never in a URL, where logs would keep it.
//! Sources: Messenger Platform "Send API", "User Profile API", "Subscribed apps"; Instagram Platform "API with
//! Instagram Login".

mod config;
mod error;
mod outcome;
mod upload;

pub use config::{BadConfig, GraphConfig};
pub use error::{ErrorBody, GraphError, classify_call};
pub use outcome::{ChannelHealth, RefusedReason, Scope, SendOutcome, Unclear, classify_send};
pub use upload::{UploadFile, UploadOutcome, classify_upload};

use crate::{Login, MediaKind, Platform};
use reqwest::{Method, RequestBuilder, Response, header};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use std::time::Duration;

/// The most of a reply that is read, in bytes: no reply asked for here comes near.
const LONGEST_REPLY: usize = 256 * 1024;
/// How long to wait when the host cannot be reached.
const HOST_WAIT: Duration = Duration::from_secs(5);
/// Metadata must be shorter than 1000 characters.
const LONGEST_METADATA: usize = 999;

/// Fields a Page is subscribed to.
const PAGE_FIELDS: &str = "messages,messaging_postbacks,message_echoes,message_edits,message_reactions,message_reads,\
                           message_deliveries,messaging_referrals,messaging_handovers,standby,messaging_policy_enforcement";
/// Fields an Instagram account is subscribed to; echoes come with `messages`.
const INSTAGRAM_FIELDS: &str =
    "messages,messaging_postbacks,message_reactions,messaging_seen,message_edit,messaging_referral,standby";

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

/// With what right a message goes out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Tag {
    /// An answer within 24 hours of the customer's last action.
    Response,
    /// A person's answer within 7 days. Never for the assistant.
    HumanAgent,
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

    /// The page or account behind the token. Shows that the token is alive and belongs to `account.page_id`.
    ///
    /// # Errors
    /// [`GraphError::OtherAccount`] when the token answers for another id; else as Meta says.
    pub async fn page_profile(&self, account: &Account) -> Result<PageProfile, GraphError> {
        let (node, fields, id_field) = match (account.platform, account.login) {
            (Platform::Facebook, Login::Facebook) => (account.page_id.as_str(), "id,name", "id"),
            (Platform::Instagram, Login::Facebook) => (account.page_id.as_str(), "id,username,name", "id"),
            // `id` is scoped to the app there; webhooks name the account by its `user_id`.
            (Platform::Instagram, Login::Instagram) => ("me", "id,username,user_id,name", "user_id"),
            (Platform::Facebook, Login::Instagram) => return Err(no_such_login()),
        };
        let request = self.request(account, Method::GET, &[node]).ok_or_else(bad_id)?.query(&[("fields", fields)]);
        let reply = call(request).await?;
        let id = match reply.get(id_field) {
            Some(Value::String(id)) => id.clone(),
            Some(Value::Number(id)) => id.to_string(),
            _ => return Err(GraphError::NotFound),
        };
        if id != account.page_id {
            return Err(GraphError::OtherAccount);
        }
        let username = text(&reply, "username");
        let name = text(&reply, "name").or_else(|| username.clone()).unwrap_or_else(|| id.clone());
        Ok(PageProfile { id, name, username })
    }

    /// Has Meta send this account's events to our app. Repeating it changes nothing.
    ///
    /// # Errors
    /// As Meta says.
    pub async fn subscribe(&self, account: &Account) -> Result<(), GraphError> {
        let fields = match account.login {
            Login::Facebook => PAGE_FIELDS,
            Login::Instagram => INSTAGRAM_FIELDS,
        };
        let request =
            self.request(account, Method::POST, &[account.speaker(), "subscribed_apps"]).ok_or_else(bad_id)?;
        succeeded(&call(request.query(&[("subscribed_fields", fields)])).await?)
    }

    /// Has Meta send this account's events no longer.
    ///
    /// # Errors
    /// As Meta says.
    pub async fn unsubscribe(&self, account: &Account) -> Result<(), GraphError> {
        let request =
            self.request(account, Method::DELETE, &[account.speaker(), "subscribed_apps"]).ok_or_else(bad_id)?;
        succeeded(&call(request).await?)
    }

    /// Sends one text, at most as long as [`crate::split_text`] makes it. `metadata` (below 1000 characters) comes back
    /// in Messenger's echo; whether Instagram's echo brings it back is not documented, so there the mid must do.
    pub async fn send_text(
        &self,
        account: &Account,
        recipient_id: &str,
        text: &str,
        metadata: Option<&str>,
        tag: Tag,
    ) -> SendOutcome {
        if text.trim().is_empty() {
            return refused(RefusedReason::InvalidRequest);
        }
        self.send_message(account, recipient_id, json!({ "text": text }), metadata, tag).await
    }

    /// Sends one file that was uploaded for this account before ([`Graph::upload`]), shown as `kind`. `metadata` as in [`Graph::send_text`].
    pub async fn send_attachment(
        &self,
        account: &Account,
        recipient_id: &str,
        (kind, attachment_id): (MediaKind, &str),
        metadata: Option<&str>,
        tag: Tag,
    ) -> SendOutcome {
        let attachment = json!({ "type": kind.as_str(), "payload": { "attachment_id": attachment_id } });
        self.send_message(account, recipient_id, json!({ "attachment": attachment }), metadata, tag).await
    }

    async fn send_message(
        &self,
        account: &Account,
        recipient_id: &str,
        message: Value,
        metadata: Option<&str>,
        tag: Tag,
    ) -> SendOutcome {
        let metadata_fits = metadata.is_none_or(|metadata| metadata.chars().count() <= LONGEST_METADATA);
        if !metadata_fits || recipient_id.is_empty() {
            return refused(RefusedReason::InvalidRequest);
        }
        let Some(request) = self.request(account, Method::POST, &[account.speaker(), "messages"]) else {
            return refused(RefusedReason::InvalidRequest);
        };
        let mut body = json!({ "recipient": { "id": recipient_id }, "message": message });
        match tag {
            Tag::Response => body["messaging_type"] = json!("RESPONSE"),
            Tag::HumanAgent => {
                body["messaging_type"] = json!("MESSAGE_TAG");
                body["tag"] = json!("HUMAN_AGENT");
            }
        }
        if let Some(metadata) = metadata {
            body["message"]["metadata"] = json!(metadata);
        }
        send(request.json(&body)).await
    }

    /// A customer's name and picture. The message must never wait for it nor fail with it.
    ///
    /// # Errors
    /// [`GraphError::Permission`] when the customer gave no consent (code 230); else as Meta says.
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
        let url = self.config.url(account.login, path)?;
        let mut bearer = header::HeaderValue::try_from(format!("Bearer {}", account.token.expose_secret())).ok()?;
        bearer.set_sensitive(true);
        let request =
            self.client.request(method, url).header(header::AUTHORIZATION, bearer).timeout(self.config.timeout);
        // Whether Instagram's host knows the proof is not documented.
        Some(match (&self.config.secrets, account.login) {
            (Some(secrets), Login::Facebook) => {
                request.query(&[("appsecret_proof", secrets.appsecret_proof(&account.token))])
            }
            _ => request,
        })
    }
}

/// Runs a call that sends no message.
async fn call(request: RequestBuilder) -> Result<Value, GraphError> {
    let response = request.send().await.map_err(|_| GraphError::Unavailable)?;
    let (status, wait) = (response.status().as_u16(), error::wait(response.headers()));
    let reply = body(response).await.map_err(|_| GraphError::Unavailable)?;
    if (200..300).contains(&status)
        && ErrorBody::read(&reply).is_none()
        && let Ok(value) = serde_json::from_slice(&reply)
    {
        return Ok(value);
    }
    Err(classify_call(status, wait, &reply))
}

/// Runs a send. Whatever happens before the connection stands is certainly unsent; after that only Meta's answer
/// counts.
async fn send(request: RequestBuilder) -> SendOutcome {
    let response = match request.send().await {
        Ok(response) => response,
        Err(error) if error.is_connect() => return SendOutcome::TryLater { after: HOST_WAIT, scope: Scope::Host },
        Err(error) if error.is_builder() => return refused(RefusedReason::InvalidRequest),
        Err(error) => return SendOutcome::Unknown { why: lost(&error) },
    };
    let (status, wait) = (response.status().as_u16(), error::wait(response.headers()));
    match body(response).await {
        Ok(reply) => classify_send(status, wait, &reply),
        // The limit is told by the status alone; anything else needed the words.
        Err(_) if status == 429 => classify_send(status, wait, b""),
        Err(error) => SendOutcome::Unknown { why: lost(&error) },
    }
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

fn lost(error: &reqwest::Error) -> Unclear {
    if error.is_timeout() { Unclear::Timeout } else { Unclear::ConnectionLost }
}

const fn refused(reason: RefusedReason) -> SendOutcome {
    SendOutcome::Refused { reason, code: None, subcode: None, fbtrace_id: None }
}

fn succeeded(reply: &Value) -> Result<(), GraphError> {
    if reply.get("success").and_then(Value::as_bool) == Some(false) {
        return Err(GraphError::Rejected { code: None, message: "no success".to_owned() });
    }
    Ok(())
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
