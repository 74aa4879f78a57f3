//! Meta's login: the dialog, what comes back of it, and connecting one of its pages. No transaction is open while Meta is asked.

use std::time::Duration;

use chatdesk_meta::graph::{Account, GraphError};
use chatdesk_meta::{Login, Platform};
use chatdesk_platform::db::schedule;
use chatdesk_platform::{Caller, Error, Invalid, TenantId, new_id};
use chatdesk_proto::tenants::v1 as pb;
use chrono::{DateTime, TimeDelta, Utc};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value, json};
use tokio::time::Instant;
use uuid::Uuid;

use super::channel::{encode_platform, platform};
use super::wire;
use crate::Service;
use crate::audit::{self, Entry};
use crate::channel::{self, Channel};
use crate::envelope::{self, Binding, GRANTED_TOKEN};
use crate::grant::{self, Granted, LIFE, MOST_PAGES, Offer, PageState};
use crate::held::place;
use crate::rotation::Opaque;
use crate::store::{channel as rows, grant as grants, page};
use crate::work::{check, grants as expiry};

/// For a login with its pages: less than the 25 s for which its caller waits.
const PATIENCE: Duration = Duration::from_secs(22);
/// Of that for the pages.
const PAGES_PATIENCE: Duration = Duration::from_secs(15);

/// What a login gave.
struct LoggedIn {
    login: Login,
    meta_users: Vec<String>,
    offers: Vec<Offer>,
}

impl Service {
    pub(super) fn start_login(&self, request: &pb::StartConnectRequest) -> Result<pb::StartConnectResponse, Error> {
        let mut invalid = Invalid::default();
        let platform = invalid.check("platform", platform(request.platform()));
        let uri = invalid.check("redirect_uri", grant::redirect_uri(&request.redirect_uri));
        let (platform, uri) = invalid.into_result(platform.zip(uri))?;
        let state = Opaque::random()?.show();
        let graph = &self.state.graph;
        let url = match platform {
            Platform::Facebook => graph.facebook_dialog(&uri, state.expose_secret()),
            Platform::Instagram => graph.instagram_dialog(&uri, state.expose_secret()),
        };
        let url = url.ok_or_else(|| {
            let detail = "This installation has no app at Meta for this login. Connect with an access token instead.";
            Error::Precondition { code: "login_not_configured", detail: detail.to_owned() }
        })?;
        Ok(pb::StartConnectResponse { url: url.into(), state: state.expose_secret().to_owned() })
    }

    pub(super) async fn finish_login(
        &self,
        caller: &Caller,
        request: &pb::FinishConnectRequest,
    ) -> Result<pb::ConnectGrant, Error> {
        let user = wire::user(caller)?;
        let mut invalid = Invalid::default();
        let platform = invalid.check("platform", platform(request.platform()));
        let uri = invalid.check("redirect_uri", grant::redirect_uri(&request.redirect_uri));
        let code = invalid.check("code", grant::code(&request.code));
        let ((platform, uri), code) = invalid.into_result(platform.zip(uri).zip(code))?;
        let login = match platform {
            Platform::Facebook => self.facebook(&code, &uri).await,
            Platform::Instagram => self.instagram(&code, &uri).await,
        };
        let mut login = login.map_err(|error| channel::login_error(&error))?;
        login.offers.truncate(MOST_PAGES);
        login
            .offers
            .sort_by(|one, other| one.name.cmp(&other.name).then_with(|| one.external_id.cmp(&other.external_id)));

        let state = &self.state;
        let (id, now) = (new_id(), state.clock.now());
        let expires_at = now + LIFE;
        let mut tx = state.db.begin(caller).await?;
        let tenant = tx.tenant();
        let meta_users: Vec<_> = login.meta_users.iter().map(|id| state.keys.meta_user_hash(id).to_vec()).collect();
        let kept = grants::Grant { id, user, login: login.login, meta_users: &meta_users, expires_at };
        grants::insert(&mut tx, &kept, now).await?;
        for offer in &login.offers {
            let page_id = new_id();
            let place = granted_place(tenant, page_id);
            let sealed = match &offer.token {
                Some(token) => Some(envelope::seal(tx.conn(), &state.keys, &place, token).await?),
                None => None,
            };
            grants::insert_page(&mut tx, id, page_id, offer, sealed.as_deref()).await?;
        }
        schedule(tx.conn(), expiry::item(tenant, id), expires_at).await?;
        let platforms: Vec<_> = login.offers.iter().map(|offer| offer.platform.as_str().to_owned()).collect();
        let ids: Vec<_> = login.offers.iter().map(|offer| offer.external_id.clone()).collect();
        let owners = page::owners(tx.conn(), &platforms, &ids, (tenant, now)).await?;
        tx.commit().await?;
        let pages = login.offers.into_iter().zip(owners).map(|(offer, owner)| {
            let state = PageState::of(offer.token.is_some(), owner, tenant);
            encode_page(offer, state)
        });
        Ok(pb::ConnectGrant {
            id: id.to_string(),
            pages: pages.collect(),
            expires_at: Some(wire::timestamp(expires_at)),
        })
    }

    /// Pages, and the Instagram accounts behind them, which are spoken to with the Page's token. The code is used up at once, so what comes in
    /// time is offered.
    async fn facebook(&self, code: &SecretString, uri: &str) -> Result<LoggedIn, GraphError> {
        let (graph, end) = (&self.state.graph, Instant::now() + PATIENCE);
        let granted = tokio::time::timeout_at(end, graph.facebook_login(code, uri)).await;
        let granted = granted.unwrap_or(Err(GraphError::Unavailable))?;
        let left = end.saturating_duration_since(Instant::now()).min(PAGES_PATIENCE);
        let mut pages = Vec::new();
        match tokio::time::timeout(left, graph.find_pages(&granted, &mut pages)).await {
            Ok(found) => found?,
            Err(_) if pages.is_empty() => return Err(GraphError::Unavailable),
            Err(_) => tracing::warn!(found = pages.len(), "not all pages of a login came in time"),
        }
        let mut offers = Vec::new();
        for page in pages {
            let token = page.token.filter(|_| page.may_message);
            offers.extend(Offer::new(Platform::Facebook, &page.id, &page.name, token.clone()));
            if let Some((id, username)) = page.instagram {
                offers.extend(Offer::new(Platform::Instagram, &id, &username, token));
            }
        }
        Ok(LoggedIn { login: Login::Facebook, meta_users: vec![granted.user_id], offers })
    }

    async fn instagram(&self, code: &SecretString, uri: &str) -> Result<LoggedIn, GraphError> {
        let granted = self.state.graph.instagram_login(code, uri).await?;
        let name = if granted.username.is_empty() { &granted.name } else { &granted.username };
        let mut offer = Offer::new(Platform::Instagram, &granted.user_id, name, Some(granted.token));
        if let Some(offer) = &mut offer {
            let lasts = granted.expires_in.and_then(|lasts| TimeDelta::from_std(lasts).ok());
            offer.token_expires_at = lasts.and_then(|lasts| self.state.clock.now().checked_add_signed(lasts));
        }
        // Which of the account's two ids a signed request names is not documented.
        let meta_users = granted.app_user_id.into_iter().chain([granted.user_id]).collect();
        Ok(LoggedIn { login: Login::Instagram, meta_users, offers: offer.into_iter().collect() })
    }

    pub(super) async fn connect_page(
        &self,
        caller: &Caller,
        request: &pb::ConnectGrantedRequest,
    ) -> Result<Channel, Error> {
        let mut invalid = Invalid::default();
        let platform = invalid.check("platform", platform(request.platform()));
        let page_id = invalid.check("page_id", channel::external_id(&request.page_id));
        let (platform, page_id) = invalid.into_result(platform.zip(page_id))?;
        let (granted, token) = self.granted(caller, &request.grant_id, platform, &page_id).await?;
        let account = Account { platform, login: granted.login, page_id, token };
        self.connect(caller, account, granted.token_expires_at, &granted.meta_users).await
    }

    /// A page of one of the caller's own grants, with its token.
    pub(super) async fn granted(
        &self,
        caller: &Caller,
        grant: &str,
        platform: Platform,
        page_id: &str,
    ) -> Result<(Granted, SecretString), Error> {
        let (user, grant) = (wire::user(caller)?, wire::id(grant, "grant")?);
        let mut tx = self.state.db.begin(caller).await?;
        let tenant = tx.tenant();
        let granted = grants::page(&mut tx, grant, user, (platform, page_id), self.state.clock.now()).await?;
        tx.commit().await?;
        let sealed = granted.sealed.as_deref().ok_or_else(|| {
            let detail = "The person who logged in may not manage this page's messages.".to_owned();
            Error::Precondition { code: "no_right", detail }
        })?;
        let token =
            envelope::open(&self.state.keys, &granted_place(tenant, granted.id), sealed).map_err(Error::internal)?;
        Ok((granted, token))
    }

    /// Proves a page, subscribes it and keeps it with its token.
    pub(super) async fn connect(
        &self,
        caller: &Caller,
        account: Account,
        token_expires_at: Option<DateTime<Utc>>,
        meta_users: &[Vec<u8>],
    ) -> Result<Channel, Error> {
        let state = &self.state;
        // The proof comes first: without it nobody learns whether a page is connected elsewhere.
        let profile = state.graph.page_profile(&account).await.map_err(|error| channel::connect_error(&error))?;
        let (platform, page_id) = (account.platform, account.page_id.as_str());
        let tenant = wire::tenant(caller)?;
        let mut tx = state.db.system().await?;
        let owner = page::owner(tx.conn(), platform, page_id, (tenant, state.clock.now())).await?;
        tx.commit().await?;
        if owner.is_some_and(|owner| owner != tenant) {
            return Err(page_taken());
        }
        // Before it is ours: a channel that is shown as connected must be subscribed. Repeating it harms nobody.
        state.graph.subscribe(&account).await.map_err(|error| channel::connect_error(&error))?;

        let now = state.clock.now();
        let mut tx = state.db.begin(caller).await?;
        let id =
            page::claim(&mut tx, platform, page_id, profile.via_page.as_deref(), now).await?.ok_or_else(page_taken)?;
        let sealed = &envelope::seal(tx.conn(), &state.keys, &place(tenant, id), &account.token).await?;
        let page_name: String = profile.name.chars().take(200).collect();
        let connected = rows::Connected {
            id,
            platform,
            login: account.login,
            external_id: page_id,
            page_name: &page_name,
            sealed,
            token_expires_at,
        };
        rows::put(&mut tx, &connected, now).await?;
        page::rests_on(&mut tx, id, meta_users).await?;
        schedule(tx.conn(), check::item(tenant, id), now + state.check_every).await?;
        let channel = rows::get(&mut tx, id).await?;
        audit::note(&mut tx, caller, noted("channel.connected", &channel)).await?;
        tx.commit().await?;
        Ok(channel)
    }
}

/// What is noted of a channel: whose page it is, not what it is called.
pub fn noted(action: &'static str, channel: &Channel) -> Entry {
    let page = json!({"platform": channel.platform.as_str(), "page_id": channel.external_id});
    Entry::new(action, format!("channel:{}", channel.id)).change(Value::Null, page)
}

const fn granted_place(tenant: TenantId, page: Uuid) -> Binding {
    Binding { tenant, channel: page, purpose: GRANTED_TOKEN }
}

/// Says no more than that: who has it is nobody's business.
pub fn page_taken() -> Error {
    let detail = "This page is connected to another business. Its owner can disconnect it there, or give it to you: ask for a transfer.";
    Error::Conflict { code: "page_taken", detail: detail.to_owned() }
}

fn encode_page(offer: Offer, state: PageState) -> pb::GrantedPage {
    let state = match state {
        PageState::Available => pb::PageState::Available,
        PageState::Connected => pb::PageState::Connected,
        PageState::Taken => pb::PageState::Taken,
        PageState::NoRight => pb::PageState::NoRight,
    };
    pb::GrantedPage {
        platform: encode_platform(offer.platform).into(),
        page_id: offer.external_id,
        name: offer.name,
        state: state.into(),
    }
}
