//! A file that Meta keeps for a channel's messages: what is taken as its name, type and size, and what Meta's refusal means to a shop. Pure.

use chatdesk_meta::graph::{RefusedReason, UploadFile};
use chatdesk_meta::{MediaKind, Platform, media_type};
use chatdesk_platform::{Error, Invalid};
use chrono::TimeDelta;
use uuid::Uuid;

use crate::channel;
use crate::model::Refused;

/// Meta keeps uploads for 90 days (Messenger Platform, "Attachment Upload API").
pub const KEPT: TimeDelta = TimeDelta::days(90);
/// The largest piece of a file in one message, in bytes.
pub const LARGEST_CHUNK: usize = 256 * 1024;
/// The longest file name, in bytes: what file systems take.
const LONGEST_NAME: usize = 255;

/// An uploaded file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attachment {
    /// Ours.
    pub id: Uuid,
    /// The channel it can be sent through.
    pub channel: Uuid,
    /// Meta's.
    pub platform_id: String,
    /// What it is shown as.
    pub kind: MediaKind,
    /// Its file name.
    pub name: String,
    /// Bytes.
    pub size: u64,
    /// `type/subtype`, lower case.
    pub content_type: String,
}

/// The file that a platform would get, or all that speaks against it: `file_name`, `content_type` (`type_not_supported`), `size` (`too_large`).
pub fn announced(platform: Platform, name: &str, content_type: &str, size: u64) -> Result<UploadFile, Error> {
    let mut invalid = Invalid::default();
    let name = invalid.check("file_name", file_name(name));
    let content_type = invalid.check("content_type", taken_type(platform, content_type));
    let largest = content_type.as_ref().map_or(MediaKind::LARGEST, |(kind, _)| kind.largest(platform));
    let size = invalid.check(
        "size",
        match size {
            0 => Err(("required", "the file is empty".to_owned())),
            size if size > largest => Err(("too_large", format!("takes at most {} MB", largest / (1024 * 1024)))),
            size => Ok(size),
        },
    );
    let ((name, (kind, content_type)), size) = invalid.into_result(name.zip(content_type).zip(size))?;
    Ok(UploadFile { kind, name, content_type, size })
}

fn taken_type(platform: Platform, content_type: &str) -> Result<(MediaKind, String), Refused> {
    let refused = || {
        let (taken, name) = match platform {
            Platform::Facebook => ("any file with a content type", "Facebook"),
            Platform::Instagram => ("pictures (png, jpeg, gif), sounds, films and pdf", "Instagram"),
        };
        ("type_not_supported", format!("{name} takes {taken}"))
    };
    if content_type.trim().is_empty() {
        return Err(("required", "is needed".to_owned()));
    }
    MediaKind::of_type(platform, content_type).zip(media_type(content_type)).ok_or_else(refused)
}

/// A file's own name, whatever folders stand before it; what cannot be seen or would be a folder becomes `_`.
fn file_name(text: &str) -> Result<String, Refused> {
    let name = text.trim().rsplit(['/', '\\']).next().unwrap_or_default();
    let name = name.replace(char::is_control, "_");
    match name.len() {
        _ if name.trim_matches(['.', ' ']).is_empty() => Err(("required", "is needed".to_owned())),
        length if length > LONGEST_NAME => Err(("too_long", format!("has more than {LONGEST_NAME} bytes"))),
        _ => Ok(name),
    }
}

/// Why a file was not taken, in the words that sending has for it.
#[must_use]
pub fn refused(reason: RefusedReason) -> Error {
    let detail = match reason {
        RefusedReason::InvalidContent | RefusedReason::InvalidRequest | RefusedReason::Rejected => {
            "Meta does not take this file: its type, its size or what is in it is not allowed."
        }
        other => channel::sentence(other),
    };
    Error::Precondition { code: reason.as_str(), detail: detail.to_owned() }
}

#[cfg(test)]
mod tests {
    use chatdesk_platform::FieldError;
    use proptest::prelude::*;

    use super::*;

    fn fields(platform: Platform, name: &str, content_type: &str, size: u64) -> Vec<(String, String)> {
        match announced(platform, name, content_type, size) {
            Err(Error::Invalid(fields)) => {
                fields.into_iter().map(|FieldError { field, code, .. }| (field, code)).collect()
            }
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn what_is_announced_is_what_goes_out() {
        let file = announced(Platform::Facebook, " C:\\ảnh\\áo đỏ.png ", "Image/PNG; x=1", 5).unwrap();
        let expected = UploadFile {
            kind: MediaKind::Image,
            name: "áo đỏ.png".to_owned(),
            content_type: "image/png".to_owned(),
            size: 5,
        };
        assert_eq!(file, expected);
        let rude = announced(Platform::Facebook, "<b>\u{202e}\r\n\"x\".exe", "application/x-msdownload", 1).unwrap();
        assert_eq!((rude.name.as_str(), rude.kind), ("<b>\u{202e}__\"x\".exe", MediaKind::File));
    }

    #[test]
    fn all_that_is_wrong_is_said_at_once() {
        let field = |name: &str, code: &str| (name.to_owned(), code.to_owned());
        let both = [field("file_name", "required"), field("content_type", "required"), field("size", "required")];
        assert_eq!(fields(Platform::Facebook, " ", "", 0), both);
        let long = "a".repeat(256);
        let all =
            [field("file_name", "too_long"), field("content_type", "type_not_supported"), field("size", "too_large")];
        assert_eq!(fields(Platform::Instagram, &long, "image/webp", MediaKind::LARGEST + 1), all);
        for name in ["..", "a/", ".", "/"] {
            assert_eq!(fields(Platform::Facebook, name, "image/png", 1), [field("file_name", "required")], "{name}");
        }
        let eight = 8 * 1024 * 1024;
        assert!(announced(Platform::Instagram, "a", "image/png", eight).is_ok());
        assert_eq!(fields(Platform::Instagram, "a", "image/png", eight + 1), [field("size", "too_large")]);
        assert!(announced(Platform::Facebook, "a", "image/png", MediaKind::LARGEST).is_ok());
    }

    proptest! {
        #[test]
        fn a_name_is_short_and_no_path(text in any::<String>()) {
            if let Ok(name) = file_name(&text) {
                prop_assert!((1..=LONGEST_NAME).contains(&name.len()));
                prop_assert!(!name.contains(|c: char| c.is_control() || c == '/' || c == '\\'));
            }
        }
    }
}
