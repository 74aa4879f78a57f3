//! Where a page of a list ends: the key of its last item, opaque to callers.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chatdesk_platform::Invalid;
use chrono::{DateTime, Utc};

/// Ends a cursor that leads to what is newer.
const NEWER: u8 = 1;

/// Where a cursor leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// To the older items, as in every list.
    Older,
    /// Back to the newer ones.
    Newer,
}

/// The key of an item in a list ordered by a time and something that breaks ties.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor {
    /// The time, to the microsecond.
    pub at: DateTime<Utc>,
    /// Breaks ties.
    pub tie: u128,
}

impl Cursor {
    /// Before every item of a list that begins with the newest: the latest time that counts in nanoseconds, in the year 2262.
    pub const START: Self = Self { at: DateTime::from_timestamp_nanos(i64::MAX), tie: u128::MAX };

    /// As the caller gets it.
    #[must_use]
    pub fn encode(self) -> String {
        let mut bytes = [0; 24];
        bytes[..8].copy_from_slice(&self.at.timestamp_micros().to_be_bytes());
        bytes[8..].copy_from_slice(&self.tie.to_be_bytes());
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// As the caller gets it who wants what is newer.
    #[must_use]
    pub fn newer(self) -> String {
        let mut bytes = [0; 25];
        bytes[..8].copy_from_slice(&self.at.timestamp_micros().to_be_bytes());
        bytes[8..24].copy_from_slice(&self.tie.to_be_bytes());
        bytes[24] = NEWER;
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// Reads a field of a list that goes both ways; empty is the first page.
    pub fn read_either_way(invalid: &mut Invalid, text: &str) -> (Self, Way) {
        let bytes = URL_SAFE_NO_PAD.decode(text).unwrap_or_default();
        match bytes.split_last() {
            Some((&NEWER, older)) if older.len() == 24 => {
                (Self::read(invalid, &URL_SAFE_NO_PAD.encode(older)), Way::Newer)
            }
            _ => (Self::read(invalid, text), Way::Older),
        }
    }

    fn decode(text: &str) -> Option<Self> {
        let bytes: [u8; 24] = URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok()?;
        let micros = i64::from_be_bytes(bytes[..8].try_into().ok()?);
        let at = DateTime::from_timestamp_micros(micros)?;
        // Postgres knows fewer years than chrono.
        let known = (0..=9999).contains(&chrono::Datelike::year(&at));
        known.then_some(Self { at, tie: u128::from_be_bytes(bytes[8..].try_into().ok()?) })
    }

    /// Reads a request's field; empty is the first page.
    pub fn read(invalid: &mut Invalid, text: &str) -> Self {
        if text.is_empty() {
            return Self::START;
        }
        Self::decode(text).unwrap_or_else(|| {
            invalid.add("cursor", "malformed", "is not a cursor that this list gave");
            Self::START
        })
    }

    /// Cuts a list that was asked for one more than a page down to the page, and gives the cursor when there is more.
    pub fn cut<T>(items: &mut Vec<T>, limit: u32, key: impl Fn(&T) -> Self) -> String {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        if items.len() <= limit {
            return String::new();
        }
        items.truncate(limit);
        items.last().map(|last| key(last).encode()).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn goes_there_and_back(micros in 0_i64..4_000_000_000_000_000, tie in any::<u128>()) {
            let cursor = Cursor { at: DateTime::from_timestamp_micros(micros).unwrap(), tie };
            prop_assert_eq!(Cursor::decode(&cursor.encode()), Some(cursor));
            let mut invalid = Invalid::default();
            prop_assert_eq!(Cursor::read_either_way(&mut invalid, &cursor.encode()), (cursor, Way::Older));
            prop_assert_eq!(Cursor::read_either_way(&mut invalid, &cursor.newer()), (cursor, Way::Newer));
            prop_assert!(invalid.finish().is_ok());
            prop_assert_eq!(Cursor::decode(&cursor.newer()), None, "other lists go one way");
        }

        #[test]
        fn other_text_is_refused_without_a_panic(text in ".{1,64}") {
            let mut invalid = Invalid::default();
            let read = Cursor::read(&mut invalid, &text);
            prop_assert_eq!(read == Cursor::START, invalid.finish().is_err());
            Cursor::read_either_way(&mut Invalid::default(), &text);
        }
    }
}
