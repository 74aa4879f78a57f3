//! What Meta keeps of an account's conversations: the list of them, their messages, and one message by its id. Owns the
//! reading of these forms, into the same attachments as webhooks have; refuses to skip a message it cannot read, because
//! callers prove by these reads that a message never went out.
//!
//! Meta allows two of these calls a second for each page: callers pace themselves.
//! Source: Messenger Platform "Conversations API"; Instagram Platform "Conversations".

use super::{Account, Graph, GraphError, bad_id, call, data, id, is_cursor, next_cursor, text};
use crate::Platform;
use crate::webhook::{Attachment, LONGEST_TITLE, cut, iso_millis, web_link};
use reqwest::Method;
use serde_json::Value;

/// What is asked of a message.
const MESSAGE: &str = "id,from,to,message,created_time,attachments{mime_type,name,file_url,image_data,video_data}";
/// Conversations of one page of the list.
const THREADS: &str = "50";
/// The most messages of one page.
const MOST_MESSAGES: u32 = 50;

/// A page of a list.
#[derive(Debug, Clone, PartialEq)]
pub struct Page<T> {
    /// In Meta's order, newest first.
    pub items: Vec<T>,
    /// For the next page, opaque; none on the last.
    pub next: Option<String>,
}

/// A message as Meta keeps it.
#[derive(Debug, Clone, PartialEq)]
pub struct PlatformMessage {
    /// Meta's id.
    pub mid: String,
    /// Whose it is: the account's id or the customer's. Empty where Meta names nobody.
    pub from: String,
    /// The text; never empty, without U+0000.
    pub text: Option<String>,
    /// Milliseconds since 1970, of whole seconds.
    pub created_ms: i64,
    /// In Meta's order. Their addresses work for some days.
    pub attachments: Vec<Attachment>,
}

/// A conversation in the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ThreadSummary {
    /// The customer's id.
    pub customer: String,
    /// The customer's name; on Instagram the user name.
    pub name: Option<String>,
    /// When something last happened, in milliseconds since 1970.
    pub updated_ms: i64,
}

impl Graph {
    /// The account's conversations, the last changed first. Those that cannot be understood are left out.
    ///
    /// # Errors
    /// As Meta says.
    pub async fn threads(&self, account: &Account, cursor: Option<&str>) -> Result<Page<ThreadSummary>, GraphError> {
        let query = [("fields", "id,updated_time,participants"), ("limit", THREADS)];
        let reply = self.conversations(account, &query, cursor).await?;
        let items = data(&reply).iter().filter_map(|thread| summary(account, thread)).collect();
        Ok(Page { items, next: next_cursor(&reply) })
    }

    /// The conversation with one customer, newest message first, `limit` (1 to 50) at once. Empty when Meta knows no such
    /// conversation.
    ///
    /// # Errors
    /// [`GraphError::Unavailable`] when a message of it cannot be understood; else as Meta says.
    pub async fn thread(
        &self,
        account: &Account,
        customer: &str,
        cursor: Option<&str>,
        limit: u32,
    ) -> Result<Page<PlatformMessage>, GraphError> {
        // A cursor names its conversation, so that only the first page has to look for it.
        let (thread, after) = match cursor.map(|cursor| cursor.split_once(' ').ok_or_else(bad_id)).transpose()? {
            Some((thread, after)) => (thread.to_owned(), Some(after)),
            None => {
                let found = self.conversations(account, &[("user_id", customer), ("fields", "id")], None).await?;
                match data(&found).first().and_then(|thread| id(thread, "id")) {
                    Some(thread) => (thread, None),
                    None => return Ok(Page { items: Vec::new(), next: None }),
                }
            }
        };
        let limit = limit.clamp(1, MOST_MESSAGES).to_string();
        let request = self.request(account, Method::GET, &[&thread, "messages"]).ok_or_else(bad_id)?;
        let request = request.query(&[("fields", MESSAGE), ("limit", &limit)]);
        let reply = call(after_cursor(request, after)?).await?;
        let items = data(&reply).iter().map(|one| message(account.platform, one)).collect::<Result<_, _>>()?;
        Ok(Page { items, next: next_cursor(&reply).map(|after| format!("{thread} {after}")) })
    }

    /// One message as it is now, with addresses of its attachments that work again.
    ///
    /// # Errors
    /// [`GraphError::NotFound`] when Meta no longer has it; else as Meta says.
    pub async fn message(&self, account: &Account, mid: &str) -> Result<PlatformMessage, GraphError> {
        let request = self.request(account, Method::GET, &[mid]).ok_or_else(bad_id)?;
        message(account.platform, &call(request.query(&[("fields", MESSAGE)])).await?)
    }

    async fn conversations(
        &self,
        account: &Account,
        query: &[(&str, &str)],
        after: Option<&str>,
    ) -> Result<Value, GraphError> {
        let platform = match account.platform {
            Platform::Facebook => "messenger",
            Platform::Instagram => "instagram",
        };
        let request = self.request(account, Method::GET, &[account.speaker(), "conversations"]).ok_or_else(bad_id)?;
        call(after_cursor(request.query(&[("platform", platform)]).query(query), after)?).await
    }
}

fn after_cursor(request: reqwest::RequestBuilder, after: Option<&str>) -> Result<reqwest::RequestBuilder, GraphError> {
    match after {
        Some(after) if is_cursor(after) => Ok(request.query(&[("after", after)])),
        Some(_) => Err(bad_id()),
        None => Ok(request),
    }
}

/// The other side must be one account: whom else a conversation names is not known to be a customer.
fn summary(account: &Account, thread: &Value) -> Option<ThreadSummary> {
    let updated_ms = iso_millis(thread.get("updated_time")?.as_str()?)?;
    let others = data(thread.get("participants")?).iter();
    let mut others = others.filter_map(|one| Some((id(one, "id")?, one))).filter(|(id, _)| *id != account.page_id);
    let (customer, one) = others.next()?;
    let name = text(one, "name").or_else(|| text(one, "username"));
    others.next().is_none().then_some(ThreadSummary { customer, name, updated_ms })
}

/// A message; one that names neither itself nor its time cannot be compared with any of ours.
fn message(platform: Platform, message: &Value) -> Result<PlatformMessage, GraphError> {
    let mid = id(message, "id").ok_or(GraphError::Unavailable)?;
    let created = message.get("created_time").and_then(Value::as_str).and_then(iso_millis);
    let words = message.get("message").and_then(Value::as_str).unwrap_or_default();
    let words = cut(words.replace('\0', ""));
    let shown = message.get("attachments").map(data).unwrap_or_default();
    Ok(PlatformMessage {
        mid,
        from: message.get("from").and_then(|from| id(from, "id")).unwrap_or_default(),
        text: Some(words).filter(|words| !words.is_empty()),
        created_ms: created.ok_or(GraphError::Unavailable)?,
        attachments: shown.iter().map(|one| attachment(platform, one)).collect(),
    })
}

/// An attachment in the words of webhooks.
fn attachment(platform: Platform, shown: &Value) -> Attachment {
    let of = |part: &str| shown.get(part).and_then(|part| part.get("url")).and_then(Value::as_str);
    let mime = shown.get("mime_type").and_then(Value::as_str).unwrap_or_default();
    let is_sticker =
        shown.get("image_data").and_then(|image| image.get("render_as_sticker")) == Some(&Value::Bool(true));
    let kind = match mime.split('/').next() {
        _ if is_sticker => "sticker",
        _ if shown.get("image_data").is_some() => "image",
        _ if shown.get("video_data").is_some() => "video",
        Some(kind @ ("image" | "audio" | "video")) => kind,
        _ if shown.get("file_url").is_some() => "file",
        // What cards are called in webhooks; not asked for, yet Meta shows what a template was made of in some versions.
        _ if shown.get("generic_template").is_some() => "template",
        _ => "unknown",
    };
    let url = of("image_data").or_else(|| of("video_data")).or_else(|| shown.get("file_url").and_then(Value::as_str));
    Attachment {
        kind: kind.to_owned(),
        url: url.and_then(|url| web_link(platform, url)),
        title: text(shown, "name").map(|name| name.chars().take(LONGEST_TITLE).collect()),
        coordinates: None,
    }
}
