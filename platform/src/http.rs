//! HTTP clients with the limits every outside call has.

use std::time::Duration;

/// A client that connects within 5 s, ends within `total`, follows no redirect and trusts the system's certificates.
pub fn http_client(total: Duration) -> Result<reqwest::Client, reqwest::Error> {
    reqwest::Client::builder()
        .connect_timeout(Duration::from_secs(5).min(total))
        .timeout(total)
        .redirect(reqwest::redirect::Policy::none())
        .user_agent(concat!("ChatDesk/", env!("CARGO_PKG_VERSION")))
        .build()
}
