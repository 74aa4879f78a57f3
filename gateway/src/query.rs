//! What stands in an address: ids in the path, and the query's few known parameters.

use std::collections::HashMap;
use std::convert::Infallible;
use std::ops::RangeInclusive;

use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chatdesk_platform::FieldError;
use chrono::{DateTime, Datelike as _, Utc};
use uuid::Uuid;

use crate::problem::Problem;
use crate::visible::is_blank;

/// The id in a path. What is no id names nothing, so it is not found.
pub struct Id(pub Uuid);

impl<S: Send + Sync> FromRequestParts<S> for Id {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let path = Path::<String>::from_request_parts(parts, state).await;
        let id = path.ok().and_then(|Path(text)| text.parse().ok());
        id.map(Self).ok_or_else(Problem::not_found)
    }
}

/// The two ids in a path, that of the whole first.
pub struct Ids(pub Uuid, pub Uuid);

impl<S: Send + Sync> FromRequestParts<S> for Ids {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let path = Path::<(String, String)>::from_request_parts(parts, state).await;
        let ids = path.ok().and_then(|Path((whole, part))| Some(Self(whole.parse().ok()?, part.parse().ok()?)));
        ids.ok_or_else(Problem::not_found)
    }
}

/// A query's parameters. Unknown ones are ignored; of one that stands twice the last counts.
pub struct Query(HashMap<String, String>);

impl<S: Send + Sync> FromRequestParts<S> for Query {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let text = parts.uri.query().unwrap_or_default();
        Ok(Self(url::form_urlencoded::parse(text.as_bytes()).into_owned().collect()))
    }
}

/// Which page of a list.
#[derive(Debug, PartialEq, Eq)]
pub struct Page {
    /// Opaque; empty for the first page.
    pub cursor: String,
    /// 1 to 200.
    pub limit: u32,
}

impl Query {
    /// A parameter as it stands.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// `cursor` and `limit` of a list.
    pub fn page(&self) -> Result<Page, Problem> {
        let (cursor, limit) = both(self.cursor(), self.limit(50, 1..=200))?;
        Ok(Page { cursor, limit })
    }

    /// Every service writes its cursors in base64url, with the last item's id within; the rest only that service knows.
    fn cursor(&self) -> Result<String, Problem> {
        let text = self.get("cursor").unwrap_or_default();
        match URL_SAFE_NO_PAD.decode(text) {
            Ok(bytes) if bytes.is_empty() || bytes.len() >= size_of::<Uuid>() => Ok(text.to_owned()),
            _ => Err(refused("cursor", "malformed", "is not a cursor that this list gave".to_owned())),
        }
    }

    /// `limit`, when it stands there a whole number of the range.
    pub fn limit(&self, default: u32, range: RangeInclusive<u32>) -> Result<u32, Problem> {
        let Some(text) = self.get("limit") else { return Ok(default) };
        let limit = text.parse().ok().filter(|limit| range.contains(limit));
        limit.ok_or_else(|| {
            let detail = format!("must be a whole number from {} to {}", range.start(), range.end());
            refused("limit", "out_of_range", detail)
        })
    }

    /// A text that must be there, of at most so many characters.
    pub fn text(&self, name: &str, most: usize) -> Result<String, Problem> {
        let text = self.get(name).unwrap_or_default();
        let (code, detail) = match text.chars().count() {
            _ if text.contains('\0') => ("malformed", "must not hold the NUL character".to_owned()),
            _ if is_blank(text) => ("required", "is missing".to_owned()),
            count if count > most => ("too_long", format!("takes at most {most} characters")),
            _ => return Ok(text.to_owned()),
        };
        Err(refused(name, code, detail))
    }
}

impl Query {
    /// A text of at most so many characters that may be absent; one that shows nothing is as good as none.
    pub fn text_opt(&self, name: &str, most: usize) -> Result<Option<String>, Problem> {
        match self.get(name) {
            Some(text) if text.contains('\0') || !is_blank(text) => self.text(name, most).map(Some),
            _ => Ok(None),
        }
    }

    /// An id, or absent.
    pub fn id_opt(&self, name: &str) -> Result<Option<Uuid>, Problem> {
        let Some(text) = self.get(name).filter(|text| !text.is_empty()) else { return Ok(None) };
        text.parse().map(Some).map_err(|_| refused(name, "malformed", "is not an id".to_owned()))
    }

    /// A whole number of at most `most`, or absent.
    pub fn whole_opt(&self, name: &str, most: u64) -> Result<Option<u64>, Problem> {
        let Some(text) = self.get(name).filter(|text| !text.is_empty()) else { return Ok(None) };
        let number = text.parse().ok().filter(|number| *number <= most);
        number
            .map(Some)
            .ok_or_else(|| refused(name, "out_of_range", format!("must be a whole number from 0 to {most}")))
    }

    /// Yes or no, or absent.
    pub fn flag_opt(&self, name: &str) -> Result<Option<bool>, Problem> {
        self.choice_opt(name, &[("true", true), ("false", false)])
    }

    /// A moment in RFC 3339, or absent.
    pub fn moment_opt(&self, name: &str) -> Result<Option<DateTime<Utc>>, Problem> {
        let Some(text) = self.get(name).filter(|text| !text.is_empty()) else { return Ok(None) };
        moment(text).map(Some).ok_or_else(|| refused(name, "malformed", NO_MOMENT.to_owned()))
    }

    /// One of several names, or absent.
    pub fn choice_opt<T: Copy>(&self, name: &str, choices: &[(&str, T)]) -> Result<Option<T>, Problem> {
        let Some(text) = self.get(name).filter(|text| !text.is_empty()) else { return Ok(None) };
        let chosen = choices.iter().find(|(known, _)| *known == text).map(|(_, value)| Some(*value));
        chosen.ok_or_else(|| {
            let known: Vec<_> = choices.iter().map(|(known, _)| *known).collect();
            refused(name, "unknown_value", format!("must be one of: {}", known.join(", ")))
        })
    }
}

/// What is said of a text that is no moment.
pub const NO_MOMENT: &str = "is not a moment such as 2026-11-22T08:30:00Z";

/// A moment of the years that every part of the system knows, as RFC 3339 writes it.
pub fn moment(text: &str) -> Option<DateTime<Utc>> {
    let at = DateTime::parse_from_rfc3339(text).ok()?.to_utc();
    (1970..=9999).contains(&at.year()).then_some(at)
}

/// Two parameters, or what is wrong with either and both.
pub fn both<A, B>(one: Result<A, Problem>, other: Result<B, Problem>) -> Result<(A, B), Problem> {
    match (one, other) {
        (Ok(one), Ok(other)) => Ok((one, other)),
        (Err(one), Err(other)) => Err(one.and(other)),
        (Err(problem), Ok(_)) | (Ok(_), Err(problem)) => Err(problem),
    }
}

fn refused(field: &str, code: &str, detail: String) -> Problem {
    Problem::invalid(vec![FieldError { field: field.into(), code: code.into(), detail }])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query(text: &str) -> Query {
        Query(url::form_urlencoded::parse(text.as_bytes()).into_owned().collect())
    }

    #[test]
    fn a_page_has_bounds() {
        assert_eq!(query("").page().ok(), Some(Page { cursor: String::new(), limit: 50 }));
        let page = query("limit=200&cursor=AZjwAAAAcACAAAAAAAAAFQ").page().ok();
        assert_eq!(page, Some(Page { cursor: "AZjwAAAAcACAAAAAAAAAFQ".into(), limit: 200 }));
        for bad in ["limit=0", "limit=201", "limit=-1", "limit=1e9", "limit=", "limit=NaN", "limit=99999999999"] {
            assert!(query(bad).page().is_err(), "{bad}");
        }
        for bad in ["cursor=a%2Bb8", "cursor=a", "cursor=nope", "cursor=%00", "cursor=bmV4dA%3D%3D", "cursor=ch%C3%A0o"]
        {
            assert!(query(bad).page().is_err(), "{bad}");
        }
    }

    #[test]
    fn what_may_be_absent_is_still_checked() {
        assert_eq!(query("q=%20").text_opt("q", 3).ok(), Some(None));
        assert_eq!(query("q=ab").text_opt("q", 3).ok(), Some(Some("ab".to_owned())));
        assert!(query("q=abcd").text_opt("q", 3).is_err() && query("q=%00").text_opt("q", 3).is_err());
        let choices = [("one", 1), ("two", 2)];
        assert_eq!(query("n=two").choice_opt("n", &choices).ok(), Some(Some(2)));
        assert_eq!(query("n=").choice_opt("n", &choices).ok(), Some(None));
        assert!(query("n=Two").choice_opt("n", &choices).is_err());
        let id = "0198f000-0000-7000-8000-00000000000a";
        assert_eq!(query(&format!("id={id}")).id_opt("id").ok(), Some(id.parse().ok()));
        assert_eq!(query("id=").id_opt("id").ok(), Some(None));
        assert!(query("id=7").id_opt("id").is_err());
        let at = query("at=2026-11-22T08:30:00%2B07:00").moment_opt("at").ok().flatten().map(|at| at.to_rfc3339());
        assert_eq!(at.as_deref(), Some("2026-11-22T01:30:00+00:00"));
        assert_eq!(query("at=").moment_opt("at").ok(), Some(None));
        for bad in ["at=2026-11-22", "at=now", "at=1969-12-31T23:59:59Z", "at=99999-01-01T00:00:00Z"] {
            assert!(query(bad).moment_opt("at").is_err(), "{bad}");
        }
    }

    #[test]
    fn a_text_is_there_and_short() {
        assert_eq!(query("q=%C3%A1o").text("q", 3).ok().as_deref(), Some("áo"));
        for bad in ["", "q=", "q=%20", "q=%E2%80%8B", "q=abcd", "q=%00"] {
            assert!(query(bad).text("q", 3).is_err(), "{bad}");
        }
    }
}
