//! Pages of lists that are ordered by an id that rises with time: how many rows, and after which.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use uuid::Uuid;

/// A field's value, or the code and sentence that say why it is refused.
type Read<T> = Result<T, (&'static str, String)>;

/// Rows that are wanted: `usual` when the caller names no number (0), at most `most`.
pub fn limit(given: u32, usual: u32, most: u32) -> Read<u32> {
    match given {
        0 => Ok(usual),
        given if given <= most => Ok(given),
        _ => Err(("out_of_range", format!("must be 1 to {most}"))),
    }
}

/// The last id of the page before, from the cursor that came with it; none for the first page.
pub fn after(cursor: &str) -> Read<Option<Uuid>> {
    if cursor.is_empty() {
        return Ok(None);
    }
    let id = URL_SAFE_NO_PAD.decode(cursor).ok().and_then(|bytes| Uuid::from_slice(&bytes).ok());
    id.map(Some).ok_or_else(|| ("malformed", "is not a cursor that a list gave".to_owned()))
}

/// The cursor to the rows after this one. Opaque to callers.
#[must_use]
pub fn cursor(last: Uuid) -> String {
    URL_SAFE_NO_PAD.encode(last.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cursors_come_back_and_others_do_not() {
        let id = Uuid::now_v7();
        assert_eq!(after(&cursor(id)), Ok(Some(id)));
        assert_eq!(after(""), Ok(None));
        for bad in ["x", "nope!", "AAAA", "====", "ổ", &id.to_string()] {
            assert_eq!(after(bad).unwrap_err().0, "malformed", "{bad}");
        }
    }

    #[test]
    fn limits_have_a_default_and_an_end() {
        assert_eq!((limit(0, 50, 200), limit(200, 50, 200)), (Ok(50), Ok(200)));
        assert_eq!(limit(201, 50, 200).unwrap_err().0, "out_of_range");
    }
}
