//! Where the Graph API and the logins are. Owns the addresses, the version, the form of a path and which apps of Meta's
//! we are; refuses an address that a token may not be sent to.

use crate::{AppSecrets, Login};
use std::time::Duration;
use url::Url;

/// Longest path segment: message ids are the longest ids ([`crate::webhook::LONGEST_MID`]).
const LONGEST_SEGMENT: usize = 512;

/// Settings of the client.
#[derive(Debug, Clone)]
pub struct GraphConfig {
    facebook: Url,
    instagram: Url,
    version: String,
    pub(super) secrets: Option<AppSecrets>,
    pub(super) timeout: Duration,
    pub(super) upload_timeout: Duration,
    facebook_app: Option<String>,
    instagram_app: Option<App>,
    facebook_dialog: Option<Url>,
    instagram_dialog: Option<Url>,
}

/// An app of ours at Meta.
#[derive(Debug, Clone)]
pub(super) struct App {
    pub id: String,
    pub secrets: AppSecrets,
}

/// A setting that cannot be used; the text names it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadConfig {
    /// A base address must be http or https, with a host and without user, query or fragment.
    #[error("{0} is not an http or https address without user, query and fragment")]
    Base(&'static str),
    /// An app's id is made of digits.
    #[error("{0} is not the id of an app, which is made of digits")]
    App(&'static str),
    /// A version looks like `v25.0`.
    #[error("GRAPH_VERSION must look like v25.0")]
    Version,
}

impl GraphConfig {
    /// Default of GRAPH_BASE_URL.
    pub const FACEBOOK_BASE: &'static str = "https://graph.facebook.com";
    /// Default of INSTAGRAM_BASE_URL.
    pub const INSTAGRAM_BASE: &'static str = "https://graph.instagram.com";
    /// Default of IG_OAUTH_URL.
    pub const INSTAGRAM_DIALOG: &'static str = "https://www.instagram.com/oauth/authorize";
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
            facebook_app: None,
            instagram_app: None,
            facebook_dialog: None,
            instagram_dialog: None,
        })
    }

    /// The same settings with the app of the Facebook login, FB_APP_ID. Its secret is the first of those given to
    /// [`GraphConfig::new`].
    ///
    /// # Errors
    /// [`BadConfig::App`].
    pub fn with_facebook_app(mut self, id: &str) -> Result<Self, BadConfig> {
        self.facebook_app = Some(app_id(id, "FB_APP_ID")?);
        Ok(self)
    }

    /// The same settings with the app of the Instagram login, IG_APP_ID and IG_APP_SECRET.
    ///
    /// # Errors
    /// [`BadConfig::App`].
    pub fn with_instagram_app(mut self, id: &str, secrets: AppSecrets) -> Result<Self, BadConfig> {
        self.instagram_app = Some(App { id: app_id(id, "IG_APP_ID")?, secrets });
        Ok(self)
    }

    /// The same settings with other addresses of the two dialogs, FB_DIALOG_URL and IG_OAUTH_URL; none stays Meta's own.
    /// Instagram's codes are then exchanged beside its dialog ([`GraphConfig::code_url`]).
    ///
    /// # Errors
    /// [`BadConfig::Base`].
    pub fn with_dialogs(mut self, facebook: Option<&str>, instagram: Option<&str>) -> Result<Self, BadConfig> {
        self.facebook_dialog = facebook.map(|url| base(url, "FB_DIALOG_URL")).transpose()?;
        self.instagram_dialog = instagram.map(|url| base(url, "IG_OAUTH_URL")).transpose()?;
        Ok(self)
    }

    /// The app of the Facebook login; none without an id or a secret.
    pub(super) fn facebook_app(&self) -> Option<App> {
        Some(App { id: self.facebook_app.clone()?, secrets: self.secrets.clone()? })
    }

    /// The app of a login; none without an id or a secret.
    pub(super) fn app(&self, login: Login) -> Option<App> {
        match login {
            Login::Facebook => self.facebook_app(),
            Login::Instagram => self.instagram_app.clone(),
        }
    }

    /// The dialog of a login.
    pub(super) fn dialog(&self, login: Login) -> Option<Url> {
        let (set, meta) = match login {
            Login::Facebook => {
                (&self.facebook_dialog, format!("https://www.facebook.com/{}/dialog/oauth", self.version))
            }
            Login::Instagram => (&self.instagram_dialog, Self::INSTAGRAM_DIALOG.to_owned()),
        };
        set.clone().or_else(|| Url::parse(&meta).ok())
    }

    /// Where Instagram's codes are exchanged: `access_token` beside the dialog's own last segment, and on a host of its
    /// own for Meta's dialog (Instagram Platform, "Business login").
    pub(super) fn code_url(&self) -> Option<Url> {
        let mut url = self.dialog(Login::Instagram)?;
        if url.host_str() == Some("www.instagram.com") {
            url.set_host(Some("api.instagram.com")).ok()?;
        }
        url.path_segments_mut().ok()?.pop_if_empty().pop().push("access_token");
        Some(url)
    }

    /// `{base}/{name}`: the two token calls of Instagram's host that have no version.
    pub(super) fn unversioned(&self, name: &str) -> Option<Url> {
        let mut url = self.instagram.clone();
        url.path_segments_mut().ok()?.pop_if_empty().push(name);
        Some(url)
    }

    /// The same settings with another time limit for a whole call.
    #[must_use]
    pub const fn with_timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// `{base}/{version}/{path…}`; none when a segment is not made of ASCII letters, digits and `_-=:$.`, or begins with
    /// a dot. Ids are digits; message ids were also seen as `mid.$cAAB` and `mid.145776:41d1`.
    pub(super) fn url(&self, login: Login, path: &[&str]) -> Option<Url> {
        let safe = |segment: &str| {
            !segment.is_empty()
                && segment.len() <= LONGEST_SEGMENT
                && segment.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-=:$.".contains(&byte))
                && !segment.starts_with('.')
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

fn app_id(id: &str, name: &'static str) -> Result<String, BadConfig> {
    let id = id.trim();
    let digits = !id.is_empty() && id.len() <= 32 && id.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| id.to_owned()).ok_or(BadConfig::App(name))
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
        for id in ["", "..", "1/2", "1?a=b", "1#", "%2e", "1 ", "á", &"1".repeat(513), ".a"] {
            assert_eq!(config.url(Login::Facebook, &[id]), None, "{id}");
        }
    }

    #[test]
    fn message_ids_of_all_times_are_segments() {
        let config = config(GraphConfig::FACEBOOK_BASE, "v25.0").expect("a good base");
        for id in ["m_7Qx01-Kc", "mid.$cAAB=", "mid.1457764197618:41d102a3e1ae206a38", "aWdfZAG1faXRlbToxZD"] {
            let url = config.url(Login::Facebook, &[id]).expect("a safe segment");
            assert_eq!(url.path(), format!("/v25.0/{id}"));
        }
    }

    #[test]
    fn dialogs_and_code_exchange_are_metas_or_as_set() {
        let meta = config(GraphConfig::FACEBOOK_BASE, "v25.0").expect("a good base");
        let url = |url: Option<Url>| url.expect("an address").to_string();
        assert_eq!(url(meta.dialog(Login::Facebook)), "https://www.facebook.com/v25.0/dialog/oauth");
        assert_eq!(url(meta.dialog(Login::Instagram)), GraphConfig::INSTAGRAM_DIALOG);
        assert_eq!(url(meta.code_url()), "https://api.instagram.com/oauth/access_token");
        assert_eq!(url(meta.unversioned("access_token")), "https://graph.instagram.com/access_token");
        let set =
            meta.with_dialogs(Some("http://127.0.0.1:1/fb/dialog"), Some("http://127.0.0.1:1/ig/oauth/authorize/"));
        let set = set.expect("good addresses");
        assert_eq!(url(set.dialog(Login::Facebook)), "http://127.0.0.1:1/fb/dialog");
        assert_eq!(url(set.code_url()), "http://127.0.0.1:1/ig/oauth/access_token");
    }

    #[test]
    fn bad_settings_are_named() {
        let good = || config(GraphConfig::FACEBOOK_BASE, "v25.0").expect("a good base");
        let secrets = || AppSecrets::parse("s").expect("one secret");
        assert_eq!(good().with_dialogs(Some("x"), None).err(), Some(BadConfig::Base("FB_DIALOG_URL")));
        assert_eq!(good().with_dialogs(None, Some("x")).err(), Some(BadConfig::Base("IG_OAUTH_URL")));
        for id in ["", "12a", "1 2", "-1", &"1".repeat(33)] {
            assert_eq!(good().with_facebook_app(id).err(), Some(BadConfig::App("FB_APP_ID")), "{id}");
            assert_eq!(good().with_instagram_app(id, secrets()).err(), Some(BadConfig::App("IG_APP_ID")), "{id}");
        }
        assert!(
            good().with_facebook_app(" 12 ").is_ok_and(|config| config.app(Login::Facebook).is_none()),
            "no secret"
        );
        for base in ["", "graph", "ftp://x", "file:///x", "https://u:p@x", "https://x?q", "https://x#f"] {
            assert_eq!(config(base, "v25.0").err(), Some(BadConfig::Base("GRAPH_BASE_URL")), "{base}");
        }
        for version in ["", "25.0", "v25", "v25.", "v.0", "v25.0/..", "v25.0.1", "vx.0"] {
            assert_eq!(config(GraphConfig::FACEBOOK_BASE, version).err(), Some(BadConfig::Version), "{version}");
        }
    }
}
