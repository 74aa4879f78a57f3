//! What the headers of an answer say about limits: how long to wait after a refusal, and how much of a limit is used up
//! already. Refuses to guess from numbers that are not there: the headers come only after enough calls.
//! Source: Graph API "Rate limiting": percentages in `X-App-Usage`, `X-Page-Usage` and `X-Business-Use-Case-Usage`,
//! minutes in the last one's `estimated_time_to_regain_access`.

use super::error::{DEFAULT_WAIT, integer};
use reqwest::header::HeaderMap;
use serde_json::{Map, Value};
use std::time::Duration;

/// No limit of Meta's lasts longer than its 24-hour window.
const LONGEST_WAIT: Duration = Duration::from_secs(24 * 60 * 60);
/// From this percentage on calls hold back (judgement).
const NEARLY_USED: f64 = 95.0;
/// The numbers that are percentages.
const PERCENTAGES: [&str; 3] = ["call_count", "total_cputime", "total_time"];

/// How long the headers ask to wait: the longer of `Retry-After` (seconds) and the time to regain access; at least 1 s,
/// at most 24 h.
pub(super) fn wait(headers: &HeaderMap) -> Option<Duration> {
    let retry = headers.get("retry-after").and_then(|seconds| seconds.to_str().ok()?.trim().parse().ok());
    seconds(retry.max(regain(headers)))
}

/// How long to hold back after an answer that was no refusal: until access is regained, or a minute from 95 % on.
pub(super) fn pace(headers: &HeaderMap) -> Option<Duration> {
    let uses = [usage(headers, "x-app-usage"), usage(headers, "x-page-usage")].into_iter().flatten();
    let is_high = |usage: &Map<String, Value>| {
        PERCENTAGES.iter().any(|name| usage.get(*name).and_then(percentage).is_some_and(|used| used >= NEARLY_USED))
    };
    let nearly = uses.chain(of_businesses(headers)).any(|usage| is_high(&usage));
    seconds(regain(headers)).or_else(|| nearly.then_some(DEFAULT_WAIT))
}

fn seconds(seconds: Option<u64>) -> Option<Duration> {
    seconds.filter(|seconds| *seconds > 0).map(|seconds| Duration::from_secs(seconds).min(LONGEST_WAIT))
}

/// Seconds until access is regained: the longest of all.
fn regain(headers: &HeaderMap) -> Option<u64> {
    let minutes = of_businesses(headers).into_iter();
    let minutes = minutes.filter_map(|usage| integer(usage.get("estimated_time_to_regain_access")));
    Some(minutes.filter_map(|minutes| u64::try_from(minutes).ok()).max()?.saturating_mul(60))
}

fn usage(headers: &HeaderMap, name: &str) -> Option<Map<String, Value>> {
    serde_json::from_str(headers.get(name)?.to_str().ok()?).ok()
}

/// `{"<business id>": [{"type": "messenger", "call_count": 5, "estimated_time_to_regain_access": 5}]}`, flat.
fn of_businesses(headers: &HeaderMap) -> Vec<Map<String, Value>> {
    let businesses = usage(headers, "x-business-use-case-usage").unwrap_or_default();
    let uses = businesses.into_iter().flat_map(|(_, uses)| match uses {
        Value::Array(uses) => uses,
        _ => Vec::new(),
    });
    uses.filter_map(|usage| if let Value::Object(usage) = usage { Some(usage) } else { None }).collect()
}

fn percentage(value: &Value) -> Option<f64> {
    value.as_f64().or_else(|| value.as_str()?.trim().parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        pairs.iter().fold(HeaderMap::new(), |mut headers, (name, value)| {
            headers.insert(*name, value.parse().expect("a header value"));
            headers
        })
    }

    const BUSINESSES: &str = "x-business-use-case-usage";

    #[test]
    fn the_longest_wait_counts() {
        let wait = |pairs: &[(&'static str, &str)]| wait(&headers(pairs));
        let usage = r#"{"77":[{"type":"messenger","estimated_time_to_regain_access":2},{"type":"pages"}],"78":[{"estimated_time_to_regain_access":"5"}],"79":1}"#;
        assert_eq!(wait(&[]), None);
        assert_eq!(wait(&[("retry-after", "7")]), Some(Duration::from_secs(7)));
        assert_eq!(wait(&[("retry-after", "7"), (BUSINESSES, usage)]), Some(Duration::from_secs(300)));
        assert_eq!(wait(&[("retry-after", "400"), (BUSINESSES, usage)]), Some(Duration::from_secs(400)));
        assert_eq!(wait(&[("retry-after", "999999999999")]), Some(LONGEST_WAIT));
        for value in ["0", "-1", "soon", "Wed, 21 Oct 2026 07:28:00 GMT", "1e9"] {
            assert_eq!(wait(&[("retry-after", value)]), None, "{value}");
        }
        for usage in ["", "[]", "{}", "{\"a\":[{}]}", "nope"] {
            assert_eq!(wait(&[(BUSINESSES, usage)]), None, "{usage}");
        }
    }

    #[test]
    fn a_limit_nearly_used_up_slows_down() {
        let pace = |name: &'static str, usage: &str| pace(&headers(&[(name, usage)]));
        for name in ["x-app-usage", "x-page-usage"] {
            assert_eq!(pace(name, r#"{"call_count":94,"total_cputime":12,"total_time":94.9}"#), None);
            assert_eq!(pace(name, r#"{"call_count":95,"total_cputime":1,"total_time":1}"#), Some(DEFAULT_WAIT));
            assert_eq!(pace(name, r#"{"call_count":1,"total_time":"112"}"#), Some(DEFAULT_WAIT));
            for usage in ["", "[]", "nope", "{}", r#"{"call_count":null,"other":100}"#] {
                assert_eq!(pace(name, usage), None, "{usage}");
            }
        }
        let of_one = |fields: &str| pace(BUSINESSES, &format!(r#"{{"77":[{{"type":"pages"}},{{{fields}}}]}}"#));
        assert_eq!(of_one(r#""call_count":99"#), Some(DEFAULT_WAIT));
        assert_eq!(of_one(r#""call_count":99,"estimated_time_to_regain_access":0"#), Some(DEFAULT_WAIT));
        let regained = of_one(r#""call_count":100,"estimated_time_to_regain_access":7"#);
        assert_eq!(regained, Some(Duration::from_secs(420)));
        assert_eq!(of_one(r#""call_count":20,"estimated_time_to_regain_access":0"#), None);
        assert_eq!(super::pace(&headers(&[("retry-after", "9")])), None);
    }
}
