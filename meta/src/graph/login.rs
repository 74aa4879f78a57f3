//! The two logins: their dialogs, the way from a dialog's code to a token that lasts, and its renewal. Owns scopes and
//! forms; refuses a token of another app's.
//!
//! Secrets and codes travel in bodies, tokens in the `Authorization` header. Where Meta documents a query alone it is
//! said beside the call.
//! Sources: Facebook Login "Manually build a login flow", "Get long-lived tokens"; Graph API "Debug token"; Instagram
//! Platform "Business login for Instagram".

use super::config::App;
use super::error::integer;
use super::{Account, Graph, GraphError, bad_id, bearer, call, data, id, text};
use crate::Login;
use reqwest::Method;
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use std::fmt;
use std::time::Duration;
use url::Url;

/// What a business is asked for: its pages, their messages and events, and the Instagram accounts behind them.
const FACEBOOK_SCOPES: &str = "pages_show_list,pages_messaging,pages_manage_metadata,pages_read_engagement,\
                               business_management,instagram_basic,instagram_manage_messages";
/// The same for an Instagram account by its own login.
const INSTAGRAM_SCOPES: &str = "instagram_business_basic,instagram_business_manage_messages";
/// Without this an Instagram account's messages cannot be answered.
const INSTAGRAM_MESSAGES: &str = "instagram_business_manage_messages";
/// Scopes whose targets are pages.
const PAGE_SCOPES: [&str; 4] = ["pages_show_list", "pages_messaging", "pages_manage_metadata", "pages_read_engagement"];
/// What Instagram adds to a code in the address bar; it is not part of it.
const CODE_TAIL: &str = "#_";

/// What a person gave us at Facebook.
#[derive(Clone)]
pub struct UserGrant {
    /// The person's token, long-lived.
    pub token: SecretString,
    /// The person, by the id that is scoped to the app; signed requests name it.
    pub user_id: String,
    /// How long the token lasts; none when it does not end by time.
    pub expires_in: Option<Duration>,
    /// What was allowed.
    pub scopes: Vec<String>,
    /// The pages that it was allowed for, where the person chose some.
    pub page_ids: Vec<String>,
}

/// What an Instagram account gave us by its own login.
#[derive(Clone)]
pub struct InstagramGrant {
    /// The account's token, long-lived.
    pub token: SecretString,
    /// The account, as webhooks name it.
    pub user_id: String,
    /// The account, by the id that is scoped to the app; signed requests name it.
    pub app_user_id: Option<String>,
    /// Its user name.
    pub username: String,
    /// Its name; the user name where it has none.
    pub name: String,
    /// How long the token lasts.
    pub expires_in: Option<Duration>,
}

impl fmt::Debug for UserGrant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UserGrant")
            .field("user_id", &self.user_id)
            .field("scopes", &self.scopes)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for InstagramGrant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InstagramGrant").field("user_id", &self.user_id).finish_non_exhaustive()
    }
}

/// A token and how long it lasts.
type Lasting = (SecretString, Option<Duration>);

impl Graph {
    /// Where a person allows us their pages. None without FB_APP_ID and FB_APP_SECRET.
    #[must_use]
    pub fn facebook_dialog(&self, redirect_uri: &str, state: &str) -> Option<Url> {
        self.dialog(Login::Facebook, FACEBOOK_SCOPES, redirect_uri, state)
    }

    /// Where an Instagram account allows us its messages. None without IG_APP_ID and IG_APP_SECRET.
    #[must_use]
    pub fn instagram_dialog(&self, redirect_uri: &str, state: &str) -> Option<Url> {
        self.dialog(Login::Instagram, INSTAGRAM_SCOPES, redirect_uri, state)
    }

    fn dialog(&self, login: Login, scopes: &str, redirect_uri: &str, state: &str) -> Option<Url> {
        let app = self.config.app(login)?;
        let mut url = self.config.dialog(login)?;
        url.query_pairs_mut()
            .append_pair("client_id", &app.id)
            .append_pair("redirect_uri", redirect_uri)
            .append_pair("state", state)
            .append_pair("response_type", "code")
            .append_pair("scope", scopes);
        Some(url)
    }

    /// From a code of Facebook's dialog to a token that lasts, of which Meta says that it is for our app. `redirect_uri`
    /// is byte for byte the one the dialog was given. A code works once.
    ///
    /// # Errors
    /// [`GraphError::OtherAccount`] for a token of another app's, [`GraphError::InvalidToken`] for one that Meta calls
    /// invalid; else as Meta says, a used or expired code being [`GraphError::Rejected`].
    pub async fn facebook_login(&self, code: &SecretString, redirect_uri: &str) -> Result<UserGrant, GraphError> {
        let app = self.config.app(Login::Facebook).ok_or_else(no_app)?;
        let code = code.expose_secret().trim_end_matches(CODE_TAIL);
        let (short, _) = self.facebook_token(&app, &[("redirect_uri", redirect_uri), ("code", code)]).await?;
        let exchange = [("grant_type", "fb_exchange_token"), ("fb_exchange_token", short.expose_secret())];
        let (token, expires_in) = self.facebook_token(&app, &exchange).await?;
        self.debug_token(&app, token, expires_in).await
    }

    /// Meta documents a GET whose query holds secret and code; the endpoint takes the same as a form, as OAuth 2.0 wants
    /// it (RFC 6749 §4.1.3), and no log keeps a body.
    async fn facebook_token(&self, app: &App, fields: &[(&str, &str)]) -> Result<Lasting, GraphError> {
        let url = self.config.url(Login::Facebook, &["oauth", "access_token"]).ok_or_else(bad_id)?;
        let ours = [("client_id", app.id.as_str()), ("client_secret", app.secrets.first().expose_secret())];
        let form: Vec<(&str, &str)> = ours.iter().chain(fields).copied().collect();
        token(&call(self.plain(Method::POST, url).form(&form)).await?)
    }

    /// The token that is asked about stands in the query: Meta takes it nowhere else, and the app's own token, which
    /// would be the other half, goes into the header.
    async fn debug_token(
        &self,
        app: &App,
        token: SecretString,
        expires_in: Option<Duration>,
    ) -> Result<UserGrant, GraphError> {
        let url = self.config.url(Login::Facebook, &["debug_token"]).ok_or_else(bad_id)?;
        let of_app = SecretString::from(format!("{}|{}", app.id, app.secrets.first().expose_secret()));
        let request = bearer(self.plain(Method::GET, url), &of_app).ok_or_else(bad_id)?;
        let reply = call(request.query(&[("input_token", token.expose_secret())])).await?;
        let claims = reply.get("data").ok_or(GraphError::Unavailable)?;
        if claims.get("is_valid").and_then(Value::as_bool) != Some(true) {
            return Err(GraphError::InvalidToken);
        }
        if id(claims, "app_id").as_ref() != Some(&app.id) {
            return Err(GraphError::OtherAccount);
        }
        let user_id = id(claims, "user_id").ok_or(GraphError::InvalidToken)?;
        let mut page_ids = Vec::new();
        for granular in claims.get("granular_scopes").and_then(Value::as_array).into_iter().flatten() {
            if granular.get("scope").and_then(Value::as_str).is_some_and(|scope| PAGE_SCOPES.contains(&scope)) {
                page_ids.extend(strings(granular.get("target_ids")));
            }
        }
        page_ids.sort_unstable();
        page_ids.dedup();
        Ok(UserGrant { token, user_id, expires_in, scopes: strings(claims.get("scopes")), page_ids })
    }

    /// From a code of Instagram's dialog to a token that lasts, and whose it is.
    ///
    /// # Errors
    /// [`GraphError::Permission`] when messages were not allowed; else as Meta says, a used or expired code being
    /// [`GraphError::Rejected`].
    pub async fn instagram_login(&self, code: &SecretString, redirect_uri: &str) -> Result<InstagramGrant, GraphError> {
        let app = self.config.app(Login::Instagram).ok_or_else(no_app)?;
        let url = self.config.code_url().ok_or_else(bad_id)?;
        let form = [
            ("client_id", app.id.as_str()),
            ("client_secret", app.secrets.first().expose_secret()),
            ("grant_type", "authorization_code"),
            ("redirect_uri", redirect_uri),
            ("code", code.expose_secret().trim_end_matches(CODE_TAIL)),
        ];
        let reply = call(self.plain(Method::POST, url).form(&form)).await?;
        // Meta's pages show the answer both bare and as the one element of `data`.
        let reply = data(&reply).first().unwrap_or(&reply);
        let allowed = permissions(reply);
        if allowed.is_some_and(|allowed| !allowed.iter().any(|scope| scope == INSTAGRAM_MESSAGES)) {
            return Err(GraphError::Permission);
        }
        let (short, _) = token(reply)?;
        let url = self.config.unversioned("access_token").ok_or_else(bad_id)?;
        let request = bearer(self.plain(Method::GET, url), &short).ok_or_else(bad_id)?;
        // Meta documents this secret in a GET's query and no other form of the call.
        let secret = app.secrets.first().expose_secret();
        let exchange = [("grant_type", "ig_exchange_token"), ("client_secret", secret)];
        let (token, expires_in) = token(&call(request.query(&exchange)).await?)?;
        let url = self.config.url(Login::Instagram, &["me"]).ok_or_else(bad_id)?;
        let request = self.with_token(Login::Instagram, &token, Method::GET, url).ok_or_else(bad_id)?;
        let me = call(request.query(&[("fields", "id,username,user_id,name")])).await?;
        let user_id = id(&me, "user_id").ok_or(GraphError::NotFound)?;
        let username = text(&me, "username").unwrap_or_default();
        let name = text(&me, "name")
            .or_else(|| Some(username.clone()).filter(|name| !name.is_empty()))
            .unwrap_or_else(|| user_id.clone());
        Ok(InstagramGrant { token, user_id, app_user_id: id(&me, "id"), username, name, expires_in })
    }

    /// A new token for an Instagram account that has one by its own login: the old one must be at least a day old and not
    /// over, the new one lasts about 60 days.
    ///
    /// # Errors
    /// [`GraphError::InvalidToken`] when it is over and the account must log in again; else as Meta says.
    pub async fn refresh_instagram(&self, account: &Account) -> Result<(SecretString, Duration), GraphError> {
        let url = self.config.unversioned("refresh_access_token").ok_or_else(bad_id)?;
        let request = bearer(self.plain(Method::GET, url), &account.token).ok_or_else(bad_id)?;
        let (token, expires_in) = token(&call(request.query(&[("grant_type", "ig_refresh_token")])).await?)?;
        Ok((token, expires_in.ok_or(GraphError::Unavailable)?))
    }
}

/// The `access_token` and `expires_in` of a reply.
fn token(reply: &Value) -> Result<Lasting, GraphError> {
    let token = reply.get("access_token").and_then(Value::as_str).filter(|token| !token.is_empty());
    let seconds = integer(reply.get("expires_in")).and_then(|seconds| u64::try_from(seconds).ok());
    let lasting = seconds.filter(|seconds| *seconds > 0).map(Duration::from_secs);
    Ok((token.ok_or(GraphError::Unavailable)?.into(), lasting))
}

/// The allowed scopes of Instagram's answer, a list or a text with commas; none when it does not say.
fn permissions(reply: &Value) -> Option<Vec<String>> {
    match reply.get("permissions")? {
        Value::String(list) => Some(list.split(',').map(|scope| scope.trim().to_owned()).collect()),
        list => Some(strings(Some(list))).filter(|list| !list.is_empty()),
    }
}

/// The strings of a list; ids may be numbers.
fn strings(list: Option<&Value>) -> Vec<String> {
    let list = list.and_then(Value::as_array).into_iter().flatten();
    list.filter_map(|one| one.as_str().map(str::to_owned).or_else(|| one.as_u64().map(|id| id.to_string()))).collect()
}

fn no_app() -> GraphError {
    GraphError::Rejected { code: None, message: "no app of ours is set up for this login".to_owned() }
}
