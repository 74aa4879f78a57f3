//! Where the Graph API is. Owns the two base addresses, the version and the form of a path; refuses an address that a
//! token may not be sent to.

use crate::{AppSecrets, Login};
use std::time::Duration;
use url::Url;

/// Longest path segment: Meta's ids have at most about 20 digits.
const LONGEST_SEGMENT: usize = 128;

/// Settings of the client.
#[derive(Debug, Clone)]
pub struct GraphConfig {
    facebook: Url,
    instagram: Url,
    version: String,
    pub(super) secrets: Option<AppSecrets>,
    pub(super) timeout: Duration,
    pub(super) upload_timeout: Duration,
}

/// A setting that cannot be used; the text names it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadConfig {
    /// A base address must be http or https, with a host and without user, query or fragment.
    #[error("{0} is not an http or https address without user, query and fragment")]
    Base(&'static str),
    /// A version looks like `v25.0`.
    #[error("GRAPH_VERSION must look like v25.0")]
    Version,
}

impl GraphConfig {
    /// Default of GRAPH_BASE_URL.
    pub const FACEBOOK_BASE: &'static str = "https://graph.facebook.com";
    /// Default of INSTAGRAM_BASE_URL.
    pub const INSTAGRAM_BASE: &'static str = "https://graph.instagram.com";
    /// Default of GRAPH_VERSION: Meta serves it until 29 July 2028.
    pub const VERSION: &'static str = "v25.0";
    /// How long a call may take in all.
    pub const TIMEOUT: Duration = Duration::from_secs(15);
    /// How long an upload may take in all. It goes as slowly as whoever sends the file: 25 MB take 200 s at 1 Mbit/s.
    pub const UPLOAD_TIMEOUT: Duration = Duration::from_secs(220);

    /// Checks the settings. Bases may have a path. With secrets, every call to Facebook's host carries the
    /// `appsecret_proof` of the first.
    ///
    /// # Errors
    /// [`BadConfig`], naming the setting.
    pub fn new(facebook: &str, instagram: &str, version: &str, secrets: Option<AppSecrets>) -> Result<Self, BadConfig> {
        let digits = |text: &str| !text.is_empty() && text.len() <= 3 && text.bytes().all(|byte| byte.is_ascii_digit());
        let parts = version.strip_prefix('v').and_then(|numbers| numbers.split_once('.'));
        if !parts.is_some_and(|(major, minor)| digits(major) && digits(minor)) {
            return Err(BadConfig::Version);
        }
        Ok(Self {
            facebook: base(facebook, "GRAPH_BASE_URL")?,
            instagram: base(instagram, "INSTAGRAM_BASE_URL")?,
            version: version.to_owned(),
            secrets,
            timeout: Self::TIMEOUT,
            upload_timeout: Self::UPLOAD_TIMEOUT,
        })
    }

    /// The same settings with another time limit for a whole call.
    #[must_use]
    pub const fn with_timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// `{base}/{version}/{path…}`; none when a segment is not made of ASCII letters, digits, `_` and `-`.
    pub(super) fn url(&self, login: Login, path: &[&str]) -> Option<Url> {
        let safe = |segment: &str| {
            !segment.is_empty()
                && segment.len() <= LONGEST_SEGMENT
                && segment.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
        };
        if !path.iter().all(|segment| safe(segment)) {
            return None;
        }
        let mut url = match login {
            Login::Facebook => self.facebook.clone(),
            Login::Instagram => self.instagram.clone(),
        };
        url.path_segments_mut().ok()?.pop_if_empty().push(&self.version).extend(path);
        Some(url)
    }
}

fn base(text: &str, name: &'static str) -> Result<Url, BadConfig> {
    let url = Url::parse(text.trim()).map_err(|_| BadConfig::Base(name))?;
    let plain =
        url.username().is_empty() && url.password().is_none() && url.query().is_none() && url.fragment().is_none();
    if plain && url.has_host() && matches!(url.scheme(), "http" | "https") {
        Ok(url)
    } else {
        Err(BadConfig::Base(name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(facebook: &str, version: &str) -> Result<GraphConfig, BadConfig> {
        GraphConfig::new(facebook, GraphConfig::INSTAGRAM_BASE, version, None)
    }

    #[test]
    fn paths_follow_base_and_version() {
        let url = |base: &str, login| {
            let config = config(base, "v25.0").expect("a good base");
            config.url(login, &["104", "messages"]).expect("safe segments").to_string()
        };
        assert_eq!(url(GraphConfig::FACEBOOK_BASE, Login::Facebook), "https://graph.facebook.com/v25.0/104/messages");
        assert_eq!(url(GraphConfig::FACEBOOK_BASE, Login::Instagram), "https://graph.instagram.com/v25.0/104/messages");
        for base in ["http://127.0.0.1:8090/graph", "http://127.0.0.1:8090/graph/"] {
            assert_eq!(url(base, Login::Facebook), "http://127.0.0.1:8090/graph/v25.0/104/messages");
        }
    }

    #[test]
    fn an_id_is_one_segment() {
        let config = config(GraphConfig::FACEBOOK_BASE, "v25.0").expect("a good base");
        for id in ["", "..", "1/2", "1?a=b", "1#", "%2e", "1 ", "á", &"1".repeat(129)] {
            assert_eq!(config.url(Login::Facebook, &[id]), None, "{id}");
        }
    }

    #[test]
    fn bad_settings_are_named() {
        for base in ["", "graph", "ftp://x", "file:///x", "https://u:p@x", "https://x?q", "https://x#f"] {
            assert_eq!(config(base, "v25.0").err(), Some(BadConfig::Base("GRAPH_BASE_URL")), "{base}");
        }
        for version in ["", "25.0", "v25", "v25.", "v.0", "v25.0/..", "v25.0.1", "vx.0"] {
            assert_eq!(config(GraphConfig::FACEBOOK_BASE, version).err(), Some(BadConfig::Version), "{version}");
        }
    }
}
