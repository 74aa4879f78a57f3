//! The service's gRPC methods: who calls, what they ask, one transaction, the answer.

mod index;
mod product;
mod search;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chatdesk_platform::Error;
use uuid::Uuid;

pub use index::Index;
pub use product::Products;
pub use search::Search;

/// The most that one page or one request names.
const MOST: u32 = 200;

/// 1 to `most`; 0 means `default`.
fn limit(limit: u32, default: u32, most: u32) -> Result<u32, (&'static str, String)> {
    match limit {
        0 => Ok(default),
        limit if limit <= most => Ok(limit),
        _ => Err(("out_of_range", format!("must be 1 to {most}"))),
    }
}

/// The last id of the page before, from its cursor; none for the first page.
fn parse_cursor(cursor: &str) -> Result<Option<Uuid>, (&'static str, String)> {
    if cursor.is_empty() {
        return Ok(None);
    }
    let bytes = URL_SAFE_NO_PAD.decode(cursor).ok();
    let id = bytes.and_then(|bytes| Uuid::from_slice(&bytes).ok());
    id.map(Some).ok_or_else(|| ("malformed", "is not a cursor that was given out".to_owned()))
}

fn cursor(last: Uuid) -> String {
    URL_SAFE_NO_PAD.encode(last.as_bytes())
}

/// The id of something looked up: what cannot be an id does not exist.
fn parse_id(id: &str) -> Result<Uuid, Error> {
    id.parse().map_err(|_| Error::NotFound("product"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cursors_come_back_and_others_do_not() {
        let id = Uuid::now_v7();
        assert_eq!(parse_cursor(&cursor(id)), Ok(Some(id)));
        assert_eq!(parse_cursor(""), Ok(None));
        for bad in ["x", "AAAA", "====", "ổ", &id.to_string()] {
            assert_eq!(parse_cursor(bad).unwrap_err().0, "malformed", "{bad}");
        }
    }

    #[test]
    fn limits_have_a_default_and_an_end() {
        assert_eq!(limit(0, 50, 200), Ok(50));
        assert_eq!(limit(200, 50, 200), Ok(200));
        assert!(limit(201, 50, 200).is_err());
    }
}
