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
use serde_json::{Map, Value};
use uuid::Uuid;

/// Bytes kept at most; the oldest files go first.
const MOST: usize = 128 * 1024 * 1024;
/// The largest file, in bytes, with what a form puts around it.
pub(crate) const LARGEST: usize = 26 * 1024 * 1024;
const CROSS_ORIGIN_RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");

/// A file in a message, as webhooks name it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Attachment {
    /// `image`, `audio`, `video`, `file`, or whatever else a customer can send.
    #[serde(rename = "type")]
    pub(crate) kind: String,
    /// Empty when there is none, as of a location.
    #[serde(default)]
    pub(crate) url: String,
    /// The name it was uploaded under. Webhooks do not tell it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) name: Option<String>,
    /// What else its webhook tells beside the address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) payload: Option<Map<String, Value>>,
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
    /// How often all addresses expired so far: a good address names it as `v`, or nothing while it is 0.
    expired: u64,
    /// What an expired address answers.
    refusal: u16,
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

    /// Ends all addresses handed out so far; they answer this status from now on.
    pub(crate) const fn expire(&mut self, refusal: u16) {
        self.expired += 1;
        self.refusal = refusal;
    }

    /// The refusal of an address of this age; none when it is still good.
    pub(crate) const fn refusal(&self, age: u64) -> Option<u16> {
        if age < self.expired { Some(self.refusal) } else { None }
    }

    /// The address as it is good now: one of the sandbox's own files gets its age anew, any other stays.
    pub(crate) fn fresh(&self, url: &str) -> String {
        let bare = url.split_once('?').map_or(url, |(bare, _)| bare);
        let is_own = bare.rsplit_once("/sandbox/media/").is_some_and(|(_, id)| self.get(id).is_some());
        match self.expired {
            0 => url.to_owned(),
            age if is_own => format!("{bare}?v={age}"),
            _ => url.to_owned(),
        }
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

    fn media(bytes: &Bytes) -> Media {
        Media {
            page_id: None,
            kind: "file".to_owned(),
            name: None,
            content_type: "a/b".to_owned(),
            bytes: bytes.clone(),
        }
    }

    #[test]
    fn addresses_of_own_files_expire() {
        let mut store = Store::default();
        let url = format!("http://x/sandbox/media/{}", store.keep(media(&Bytes::from("x"))));
        assert_eq!((store.fresh(&url), store.refusal(0)), (url.clone(), None));
        store.expire(403);
        store.expire(404);
        let fresh = format!("{url}?v=2");
        assert_eq!((store.fresh(&url), store.fresh(&fresh)), (fresh.clone(), fresh));
        assert_eq!([0, 1, 2].map(|age| store.refusal(age)), [Some(404), Some(404), None]);
        for other in ["https://x.example/a.png?v=0", "http://x/sandbox/media/1"] {
            assert_eq!(store.fresh(other), other);
        }
    }

    #[test]
    fn the_store_has_an_end() {
        let mut store = Store::default();
        let bytes = Bytes::from(vec![0; MOST / 4 + 1]);
        let ids: Vec<String> = (0..4).map(|_| store.keep(media(&bytes))).collect();
        let kept: Vec<bool> = ids.iter().map(|id| store.get(id).is_some()).collect();
        assert_eq!(kept, [false, true, true, true]);
        assert!(store.held <= MOST && ids.iter().all(|id| id.len() == 16));
    }
}
