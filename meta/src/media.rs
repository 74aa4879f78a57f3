//! Files that a message can carry: what they are shown as, and which types and sizes each platform takes. Refuses to look into a file: its
//! declared type is believed, and Meta has the last word.
//! Sources: Messenger Platform "Attachment Upload API"; Instagram Messaging "Upload Media" (1 April 2026).

use std::str::FromStr;

use crate::{Platform, UnknownName};

/// Instagram's limit for pictures, in bytes. Meta says MB without saying which; the larger reading lets Meta decide (judgement).
const LARGEST_INSTAGRAM_IMAGE: u64 = 8 * 1024 * 1024;
/// The longest content type taken, in bytes: two names of 127 at most (RFC 6838 §4.2) are longer than any in use (judgement).
const LONGEST_TYPE: usize = 127;

/// What a file is shown as; Meta's `attachment.type`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MediaKind {
    /// A picture.
    Image,
    /// A sound.
    Audio,
    /// A film.
    Video,
    /// Anything else, to download.
    File,
}

impl MediaKind {
    /// The largest file of any kind on either platform, in bytes.
    pub const LARGEST: u64 = 25 * 1024 * 1024;
    const ALL: [Self; 4] = [Self::Image, Self::Audio, Self::Video, Self::File];

    /// `image`, `audio`, `video` or `file`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Image => "image",
            Self::Audio => "audio",
            Self::Video => "video",
            Self::File => "file",
        }
    }

    /// What the platform shows a file of this content type as, which may carry parameters; none when it takes no such file.
    /// Messenger takes all files, and shows as a picture only what browsers show everywhere.
    #[must_use]
    pub fn of_type(platform: Platform, content_type: &str) -> Option<Self> {
        let essence = media_type(content_type)?;
        match platform {
            Platform::Instagram => instagram(&essence),
            Platform::Facebook => Some(match essence.split_once('/')? {
                ("image", "png" | "jpeg" | "gif" | "webp") => Self::Image,
                ("audio", _) => Self::Audio,
                ("video", _) => Self::Video,
                _ => Self::File,
            }),
        }
    }

    /// The largest file of this kind that the platform takes, in bytes.
    #[must_use]
    pub const fn largest(self, platform: Platform) -> u64 {
        match (platform, self) {
            (Platform::Instagram, Self::Image) => LARGEST_INSTAGRAM_IMAGE,
            _ => Self::LARGEST,
        }
    }
}

/// png, jpeg, gif; aac, m4a, wav, mp4; mp4, ogg, avi, mov, webm; pdf — under the names that browsers give them.
fn instagram(essence: &str) -> Option<MediaKind> {
    Some(match essence {
        "image/png" | "image/jpeg" | "image/gif" => MediaKind::Image,
        "audio/aac" | "audio/x-aac" | "audio/m4a" | "audio/x-m4a" | "audio/mp4" | "audio/wav" | "audio/x-wav"
        | "audio/wave" | "audio/vnd.wave" => MediaKind::Audio,
        "video/mp4" | "video/ogg" | "video/avi" | "video/x-msvideo" | "video/quicktime" | "video/webm" => {
            MediaKind::Video
        }
        "application/pdf" => MediaKind::File,
        _ => return None,
    })
}

/// `type/subtype` in lower case without parameters; none for what is no content type (RFC 9110 §8.3.1).
#[must_use]
pub fn media_type(content_type: &str) -> Option<String> {
    let essence = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let token = |text: &str| {
        !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte))
    };
    let (kind, sub) = essence.split_once('/')?;
    (token(kind) && token(sub) && essence.len() <= LONGEST_TYPE).then_some(essence)
}

impl FromStr for MediaKind {
    type Err = UnknownName;

    fn from_str(name: &str) -> Result<Self, UnknownName> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name).ok_or(UnknownName)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn kinds_follow_the_platform() {
        use MediaKind::{Audio, File, Image, Video};
        for (content_type, facebook, instagram) in [
            ("image/png", Some(Image), Some(Image)),
            ("Image/JPEG; q=1", Some(Image), Some(Image)),
            ("image/webp", Some(Image), None),
            ("image/heic", Some(File), None),
            ("image/svg+xml", Some(File), None),
            ("audio/mpeg", Some(Audio), None),
            ("audio/x-m4a", Some(Audio), Some(Audio)),
            ("video/quicktime", Some(Video), Some(Video)),
            ("video/x-matroska", Some(Video), None),
            ("application/pdf", Some(File), Some(File)),
            ("application/octet-stream", Some(File), None),
            ("text/html", Some(File), None),
            ("", None, None),
            ("image", None, None),
            ("image/", None, None),
            ("image/png\r\nx: y", None, None),
            ("ảnh/png", None, None),
        ] {
            assert_eq!(MediaKind::of_type(Platform::Facebook, content_type), facebook, "{content_type}");
            assert_eq!(MediaKind::of_type(Platform::Instagram, content_type), instagram, "{content_type}");
        }
        assert_eq!(media_type(&format!("a/{}", "b".repeat(126))), None);
    }

    #[test]
    fn names_and_limits() {
        for kind in MediaKind::ALL {
            assert_eq!(kind.as_str().parse(), Ok(kind));
            assert!(kind.largest(Platform::Facebook) == MediaKind::LARGEST);
        }
        assert_eq!("sticker".parse::<MediaKind>(), Err(UnknownName));
        assert_eq!(MediaKind::Image.largest(Platform::Instagram), 8_388_608);
        assert_eq!(MediaKind::Video.largest(Platform::Instagram), MediaKind::LARGEST);
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn what_is_taken_is_a_plain_header_value(text in any::<String>()) {
            if let Some(essence) = media_type(&text) {
                prop_assert!(essence.bytes().all(|byte| byte.is_ascii_graphic()));
                prop_assert!(MediaKind::of_type(Platform::Facebook, &text).is_some());
            }
        }
    }
}
