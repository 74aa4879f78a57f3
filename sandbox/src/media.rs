//! Files that went past the sandbox: what the business uploaded, and what customers sent. Owns the store, in memory and bounded, and how a
//! file is served; looks into none.

use std::collections::VecDeque;

use axum::body::Bytes;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName, HeaderValue,
    X_CONTENT_TYPE_OPTIONS,
};
use axum::response::{IntoResponse as _, Response};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Bytes kept at most; the oldest files go first.
const MOST: usize = 128 * 1024 * 1024;
/// The largest file, in bytes, with what a form puts around it.
pub(crate) const LARGEST: usize = 26 * 1024 * 1024;
const CROSS_ORIGIN_RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");

/// A file in a message, as webhooks name it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Attachment {
    /// `image`, `audio`, `video` or `file`.
    #[serde(rename = "type")]
    pub(crate) kind: String,
    pub(crate) url: String,
    /// The name it was uploaded under. Webhooks do not tell it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) name: Option<String>,
}

/// A file.
#[derive(Clone)]
pub(crate) struct Media {
    /// Whose upload it is; none when a customer sent it.
    pub(crate) page_id: Option<String>,
    pub(crate) kind: String,
    pub(crate) name: Option<String>,
    pub(crate) content_type: String,
    pub(crate) bytes: Bytes,
}

/// All of them.
#[derive(Default)]
pub(crate) struct Store {
    files: VecDeque<(String, Media)>,
    held: usize,
}

impl Store {
    /// Keeps a file and forgets the oldest beyond the limit. Gives its id, which is digits like Meta's.
    pub(crate) fn keep(&mut self, media: Media) -> String {
        let id = (Uuid::new_v4().as_u128() % 10_u128.pow(15) + 10_u128.pow(15)).to_string();
        self.held += media.bytes.len();
        self.files.push_back((id.clone(), media));
        while self.held > MOST {
            let Some((_, oldest)) = self.files.pop_front() else { break };
            self.held -= oldest.bytes.len();
        }
        id
    }

    /// A file, while it is kept.
    pub(crate) fn get(&self, id: &str) -> Option<Media> {
        self.files.iter().rev().find(|(known, _)| known == id).map(|(_, media)| media.clone())
    }
}

impl Media {
    /// The file, harmless whatever is in it: pages of other origins may show it as a picture, and nothing in it runs.
    pub(crate) fn served(self) -> Response {
        let plain = HeaderValue::from_static("application/octet-stream");
        let kind = HeaderValue::from_str(&self.content_type).unwrap_or(plain);
        let shown = matches!(self.kind.as_str(), "image" | "audio" | "video");
        let how = if shown { "inline" } else { "attachment" };
        let headers = [
            (CONTENT_TYPE, kind),
            (CONTENT_DISPOSITION, HeaderValue::from_static(how)),
            (CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'; sandbox")),
            (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
            (CROSS_ORIGIN_RESOURCE_POLICY, HeaderValue::from_static("cross-origin")),
            (CACHE_CONTROL, HeaderValue::from_static("private, max-age=3600")),
        ];
        (headers, self.bytes).into_response()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_store_has_an_end() {
        let mut store = Store::default();
        let bytes = Bytes::from(vec![0; MOST / 4 + 1]);
        let media = |bytes: &Bytes| Media {
            page_id: None,
            kind: "file".to_owned(),
            name: None,
            content_type: "a/b".to_owned(),
            bytes: bytes.clone(),
        };
        let ids: Vec<String> = (0..4).map(|_| store.keep(media(&bytes))).collect();
        let kept: Vec<bool> = ids.iter().map(|id| store.get(id).is_some()).collect();
        assert_eq!(kept, [false, true, true, true]);
        assert!(store.held <= MOST && ids.iter().all(|id| id.len() == 16));
    }
}
