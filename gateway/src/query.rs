//! What stands in an address: ids in the path, and the query's few known parameters.

use std::collections::HashMap;
use std::convert::Infallible;
use std::ops::RangeInclusive;

use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;
use chatdesk_platform::FieldError;
use uuid::Uuid;

use crate::problem::Problem;

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
        Ok(Page { cursor: self.get("cursor").unwrap_or_default().to_owned(), limit: self.limit(50, 1..=200)? })
    }

    /// `limit`, when it stands there a whole number of the range.
    pub fn limit(&self, default: u32, range: RangeInclusive<u32>) -> Result<u32, Problem> {
        let Some(text) = self.get("limit") else { return Ok(default) };
        let limit = text.parse().ok().filter(|limit| range.contains(limit));
        limit.ok_or_else(|| {
            let detail = format!("must be a whole number from {} to {}", range.start(), range.end());
            Problem::invalid(vec![FieldError { field: "limit".into(), code: "out_of_range".into(), detail }])
        })
    }

    /// A text that must be there, of at most so many characters.
    pub fn text(&self, name: &str, most: usize) -> Result<String, Problem> {
        let text = self.get(name).unwrap_or_default();
        let (code, detail) = match text.chars().count() {
            0 => ("required", "is missing".to_owned()),
            count if count > most => ("too_long", format!("takes at most {most} characters")),
            _ if text.contains('\0') => ("malformed", "must not hold the NUL character".to_owned()),
            _ => return Ok(text.to_owned()),
        };
        Err(Problem::invalid(vec![FieldError { field: name.into(), code: code.into(), detail }]))
    }
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
        assert_eq!(query("limit=200&cursor=a%2Bb").page().ok(), Some(Page { cursor: "a+b".into(), limit: 200 }));
        for bad in ["limit=0", "limit=201", "limit=-1", "limit=1e9", "limit=", "limit=NaN", "limit=99999999999"] {
            assert!(query(bad).page().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_text_is_there_and_short() {
        assert_eq!(query("q=%C3%A1o").text("q", 3).ok().as_deref(), Some("áo"));
        for bad in ["", "q=", "q=abcd", "q=%00"] {
            assert!(query(bad).text("q", 3).is_err(), "{bad}");
        }
    }
}
