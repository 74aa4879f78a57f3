//! Uploads of files that messages will name. Owns the form, its exact length and what an answer means; never holds more of a file than
//! the piece that is under way, and never repeats: the bytes are gone.
//! Sources: Messenger Platform "Attachment Upload API"; Instagram Messaging "Upload Media", where `platform` names the account's side.

use super::{Account, ErrorBody, Graph, RefusedReason, SendOutcome, body, classify_send, usage};
use crate::{Login, MediaKind, Platform, media_type};
use bytes::Bytes;
use futures::Stream;
use http_body::{Body, Frame, SizeHint};
use reqwest::Method;
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};
use std::error::Error;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

/// The longest id of an attachment that is kept: Meta's have at most about 20 digits.
const LONGEST_ID: usize = 128;

/// A file about to be uploaded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UploadFile {
    /// What it is shown as.
    pub kind: MediaKind,
    /// Its name. Control characters, quotes and backslashes become `_` on the wire.
    pub name: String,
    /// Its content type; parameters are left out.
    pub content_type: String,
    /// Bytes. Meta is told before the first of them goes out.
    pub size: u64,
}

/// What became of an upload. Nobody has seen the file yet, so it may be repeated whatever it is, by whoever still has the bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UploadOutcome {
    /// Meta keeps it.
    Kept {
        /// Meta's id of it, for this page or account only.
        attachment_id: String,
    },
    /// Meta will not have it.
    Refused {
        /// Why.
        reason: RefusedReason,
        /// Meta's code, when there was one.
        code: Option<i64>,
        /// Its finer code.
        subcode: Option<i64>,
        /// For Meta's support.
        fbtrace_id: Option<String>,
    },
    /// A limit is reached.
    TryLater {
        /// How long to wait.
        after: Duration,
    },
    /// Meta could not be reached, did not answer in time, or failed on its side.
    Unavailable,
    /// The bytes broke off, or were more or fewer than announced.
    Broken,
}

impl Graph {
    /// Uploads one file as its bytes come, for messages of this account. Whoever drops the future ends the upload.
    pub async fn upload<S, E>(&self, account: &Account, file: &UploadFile, bytes: S) -> UploadOutcome
    where
        S: Stream<Item = Result<Bytes, E>> + Send + Sync + Unpin + 'static,
        E: Into<Box<dyn Error + Send + Sync>>,
    {
        let refused = UploadOutcome::Refused {
            reason: RefusedReason::InvalidRequest,
            code: None,
            subcode: None,
            fbtrace_id: None,
        };
        let Some(request) = self.request(account, Method::POST, &[account.speaker(), "message_attachments"]) else {
            return refused;
        };
        let broken = Arc::new(AtomicBool::new(false));
        let bytes = Exactly { bytes, left: file.size, broken: Arc::clone(&broken) };
        let Some(form) = form(account, file, reqwest::Body::wrap(bytes)) else { return refused };
        let response = match request.timeout(self.config.upload_timeout).multipart(form).send().await {
            Ok(response) => response,
            Err(_) if broken.load(Ordering::SeqCst) => return UploadOutcome::Broken,
            Err(error) if error.is_builder() => return refused,
            Err(_) => return UploadOutcome::Unavailable,
        };
        let (status, wait) = (response.status().as_u16(), usage::wait(response.headers()));
        match body(response).await {
            Ok(reply) => classify_upload(status, wait, &reply),
            Err(_) => UploadOutcome::Unavailable,
        }
    }
}

/// The fields in the order of Meta's example: what is to be made of the file comes before it.
fn form(account: &Account, file: &UploadFile, bytes: reqwest::Body) -> Option<Form> {
    let message = json!({ "attachment": { "type": file.kind.as_str(), "payload": { "is_reusable": true } } });
    let unsafe_in_quotes = |c: char| c.is_control() || matches!(c, '"' | '\\');
    let name = file.name.replace(unsafe_in_quotes, "_");
    let part = Part::stream_with_length(bytes, file.size).file_name(name);
    let part = part.mime_str(&media_type(&file.content_type)?).ok()?;
    // Names go out as browsers send them, in plain UTF-8 (HTML, "multipart/form-data encoding algorithm").
    let form = Form::new().percent_encode_noop().text("message", message.to_string());
    let form = match (account.platform, account.login) {
        (Platform::Instagram, Login::Facebook) => form.text("platform", "instagram"),
        (Platform::Instagram, Login::Instagram) | (Platform::Facebook, _) => form,
    };
    Some(form.part("filedata", part))
}

/// The outcome that a complete reply stands for. `wait` is how long its headers ask to wait. Errors mean what they mean for messages.
#[must_use]
pub fn classify_upload(status: u16, wait: Option<Duration>, reply: &[u8]) -> UploadOutcome {
    if (200..300).contains(&status) && ErrorBody::read(reply).is_none() {
        let id = attachment_id(reply);
        return id.map_or(UploadOutcome::Unavailable, |attachment_id| UploadOutcome::Kept { attachment_id });
    }
    match classify_send(status, wait, reply) {
        SendOutcome::Refused { reason, code, subcode, fbtrace_id } => {
            UploadOutcome::Refused { reason, code, subcode, fbtrace_id }
        }
        SendOutcome::TryLater { after, .. } => UploadOutcome::TryLater { after },
        SendOutcome::Unknown { .. } | SendOutcome::Sent { .. } => UploadOutcome::Unavailable,
    }
}

/// Meta writes the id as a string, and in some versions as a number.
fn attachment_id(reply: &[u8]) -> Option<String> {
    let reply: Value = serde_json::from_slice(reply).ok()?;
    let id = match reply.get("attachment_id")? {
        Value::String(id) => id.clone(),
        Value::Number(id) => id.to_string(),
        _ => return None,
    };
    let usable = !id.is_empty() && id.len() <= LONGEST_ID && id.bytes().all(|byte| byte.is_ascii_graphic());
    usable.then_some(id)
}

/// A body of exactly so many bytes: one that ends before, or goes on after, breaks the request off, so that Meta keeps no half file.
struct Exactly<S> {
    bytes: S,
    left: u64,
    broken: Arc<AtomicBool>,
}

#[derive(Debug, thiserror::Error)]
#[error("the file did not come as announced")]
struct NotAsAnnounced;

impl<S> Exactly<S> {
    fn breaks(&mut self) -> Poll<Option<Result<Frame<Bytes>, NotAsAnnounced>>> {
        self.broken.store(true, Ordering::SeqCst);
        Poll::Ready(Some(Err(NotAsAnnounced)))
    }
}

impl<S, E> Body for Exactly<S>
where
    S: Stream<Item = Result<Bytes, E>> + Unpin,
{
    type Data = Bytes;
    type Error = NotAsAnnounced;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, NotAsAnnounced>>> {
        let this = &mut *self;
        match ready!(Pin::new(&mut this.bytes).poll_next(context)) {
            None if this.left == 0 => Poll::Ready(None),
            None | Some(Err(_)) => this.breaks(),
            Some(Ok(chunk)) => match u64::try_from(chunk.len()).ok().and_then(|size| this.left.checked_sub(size)) {
                Some(left) => {
                    this.left = left;
                    Poll::Ready(Some(Ok(Frame::data(chunk))))
                }
                None => this.breaks(),
            },
        }
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replies_are_classified() {
        let kept = |id: &str| UploadOutcome::Kept { attachment_id: id.to_owned() };
        assert_eq!(classify_upload(200, None, br#"{"attachment_id":"1857777774821032"}"#), kept("1857777774821032"));
        assert_eq!(classify_upload(200, None, br#"{"attachment_id":18}"#), kept("18"));
        let long = format!(r#"{{"attachment_id":"{}"}}"#, "1".repeat(129));
        for reply in
            ["", "{}", r#"{"attachment_id":""}"#, r#"{"attachment_id":"a b"}"#, r#"{"attachment_id":[]}"#, &long]
        {
            assert_eq!(classify_upload(200, None, reply.as_bytes()), UploadOutcome::Unavailable, "{reply}");
        }
        let after = Duration::from_secs(7);
        assert_eq!(classify_upload(429, Some(after), b""), UploadOutcome::TryLater { after });
        for (status, reply) in [(500, "{}"), (502, "<html>"), (400, r#"{"error":{"code":2}}"#), (302, "")] {
            assert_eq!(classify_upload(status, None, reply.as_bytes()), UploadOutcome::Unavailable, "{status}");
        }
        for (code, subcode, expected) in [
            (100, 2_018_047, RefusedReason::InvalidContent),
            (100, 2_018_109, RefusedReason::InvalidContent),
            (190, 460, RefusedReason::NeedsReconnect),
            (368, 0, RefusedReason::Restricted),
        ] {
            let reply = format!(r#"{{"error":{{"code":{code},"error_subcode":{subcode}}}}}"#);
            let outcome = classify_upload(400, None, reply.as_bytes());
            assert!(matches!(outcome, UploadOutcome::Refused { reason, .. } if reason == expected), "{outcome:?}");
        }
    }
}
