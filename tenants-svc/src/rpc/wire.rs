//! What the handlers share of reading requests and writing answers.

use chatdesk_platform::{Caller, Error, Invalid, TenantId, UserId, page};
use chrono::{DateTime, Utc};
use prost_types::Timestamp;
use uuid::Uuid;

/// Rows of a page when the caller names no number.
const DEFAULT_LIMIT: u32 = 50;
/// The most rows of a page.
const MOST: u32 = 200;

/// A moment on the wire.
pub fn timestamp(at: DateTime<Utc>) -> Timestamp {
    // Below 10^9 by chrono's contract, leap seconds aside, which the wire does not know.
    let nanos = i32::try_from(at.timestamp_subsec_nanos().min(999_999_999)).unwrap_or_default();
    Timestamp { seconds: at.timestamp(), nanos }
}

/// The id of something to look up. What is no id names nothing.
pub fn id(text: &str, noun: &'static str) -> Result<Uuid, Error> {
    text.parse().map_err(|_| Error::NotFound(noun))
}

/// The caller's tenant; the access table lets no other caller this far.
pub fn tenant(caller: &Caller) -> Result<TenantId, Error> {
    caller.tenant().ok_or(Error::Forbidden)
}

/// The person who calls. An operator's client is none.
pub fn user(caller: &Caller) -> Result<UserId, Error> {
    caller.user().ok_or(Error::Forbidden)
}

/// Which page of a list is wanted: after which row, and how many rows.
pub fn page(cursor: &str, limit: u32) -> Result<(Option<Uuid>, usize), Error> {
    let mut invalid = Invalid::default();
    let after = invalid.check("cursor", page::after(cursor));
    let limit = invalid.check("limit", page::limit(limit, DEFAULT_LIMIT, MOST));
    let (after, limit) = invalid.into_result(after.zip(limit))?;
    Ok((after, usize::try_from(limit).map_err(Error::internal)?))
}

#[cfg(test)]
mod tests {
    use chatdesk_platform::new_id;
    use chatdesk_platform::page::cursor;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn cursors_go_there_and_back() {
        let last = new_id();
        assert_eq!(page(&cursor(last), 7).unwrap(), (Some(last), 7));
        assert_eq!(page("", 0).unwrap(), (None, 50));
        assert!(page("", 200).is_ok());
    }

    #[test]
    fn all_that_is_wrong_is_said_at_once() {
        let Error::Invalid(fields) = page("nope!", 201).unwrap_err() else { panic!("not a field error") };
        let fields: Vec<_> = fields.iter().map(|field| (field.field.as_str(), field.code.as_str())).collect();
        assert_eq!(fields, [("cursor", "malformed"), ("limit", "out_of_range")]);
    }

    proptest! {
        #[test]
        fn any_cursor_is_read_without_a_panic(text in any::<String>()) {
            if let Ok((Some(after), _)) = page(&text, 1) {
                prop_assert_eq!(cursor(after), text);
            }
        }
    }
}
