//! Pages that one business asks of another. The page is held while its transfers are judged, so that of several answers one is heard at a time.

use chatdesk_meta::graph::Account;
use chatdesk_meta::{Login, Platform};
use chatdesk_platform::db::{TenantTx, schedule, unschedule};
use chatdesk_platform::{Caller, Error, Invalid, new_id};
use chatdesk_proto::tenants::v1 as pb;
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use super::channel::{encode_platform, platform, side};
use super::grant::page_taken;
use super::wire;
use crate::Service;
use crate::audit::{self, Entry};
use crate::channel;
use crate::store::{channel as rows, page, transfer as transfers};
use crate::transfer::{PATIENCE, SHOWN, State, Step, Transfer, already_decided};
use crate::work::check;

/// When a channel is asked about that was unsubscribed and, for all that is known, stays: longer than unsubscribing takes.
const STAYS: TimeDelta = TimeDelta::minutes(1);

impl Service {
    pub(super) async fn ask_for_page(
        &self,
        caller: &Caller,
        request: &pb::RequestTransferRequest,
    ) -> Result<pb::Transfer, Error> {
        // The proof comes first: without it nobody learns whether a page is connected, let alone whose it is.
        let (platform, external_id, page_name) = self.proof(caller, request).await?;
        let now = self.state.clock.now();
        let mut tx = self.state.db.begin(caller).await?;
        let tenant = tx.tenant();
        page::lock(tx.conn(), platform, &external_id).await?;
        let refused = |code, detail: &str| Error::Precondition { code, detail: detail.to_owned() };
        let owner = match page::owner(tx.conn(), platform, &external_id, (tenant, now)).await? {
            None => return Err(refused("page_free", "No other business has this page. Connect it.")),
            Some(owner) if owner == tenant => {
                return Err(refused("already_connected", "This page is connected here."));
            }
            Some(owner) => owner,
        };
        let id = match transfers::asked(&mut tx, platform, &external_id, now).await? {
            Some(waiting) => waiting,
            None if page::is_reserved(tx.conn(), platform, &external_id).await? => return Err(page_taken()),
            None => {
                let (id, state, expires_at) = (new_id(), State::Pending, now + PATIENCE);
                let asker = tenant;
                let asked =
                    Transfer { id, platform, external_id, page_name, owner, asker, state, created_at: now, expires_at };
                transfers::insert(&mut tx, &asked).await?;
                audit::note(&mut tx, caller, Entry::new("transfer.requested", format!("transfer:{id}"))).await?;
                id
            }
        };
        let transfer = transfers::get(&mut tx, id).await?;
        tx.commit().await?;
        encode(caller, transfer, now)
    }

    /// Which page is asked for, and its name, once the caller has shown that it is theirs too.
    async fn proof(
        &self,
        caller: &Caller,
        request: &pb::RequestTransferRequest,
    ) -> Result<(Platform, String, String), Error> {
        let mut invalid = Invalid::default();
        let page_id = invalid.check("page_id", channel::external_id(&request.page_id));
        if !request.grant_id.is_empty() {
            if !request.access_token.is_empty() {
                invalid.add("access_token", "exclusive", "goes without a grant");
            }
            let platform = invalid.check("platform", platform(request.platform()));
            let (page_id, platform) = invalid.into_result(page_id.zip(platform))?;
            let (granted, _) = self.granted(caller, &request.grant_id, platform, &page_id).await?;
            return Ok((platform, page_id, granted.name));
        }
        let token = invalid.check("access_token", channel::access_token(&request.access_token));
        let side = side(&mut invalid, request.platform(), request.login());
        let ((page_id, token), (platform, login)) = invalid.into_result(page_id.zip(token).zip(side))?;
        let account = Account { platform, login, page_id, token };
        let profile = self.state.graph.page_profile(&account).await.map_err(|error| channel::connect_error(&error))?;
        Ok((platform, account.page_id, profile.name.chars().take(200).collect()))
    }

    pub(super) async fn transfers(&self, caller: &Caller) -> Result<pb::ListTransfersResponse, Error> {
        let now = self.state.clock.now();
        let mut tx = self.state.db.begin(caller).await?;
        let found = transfers::list(&mut tx, now - SHOWN).await?;
        tx.commit().await?;
        let items = found.into_iter().map(|transfer| encode(caller, transfer, now)).collect::<Result<_, _>>()?;
        Ok(pb::ListTransfersResponse { items })
    }

    pub(super) async fn decide(
        &self,
        caller: &Caller,
        request: &pb::DecideTransferRequest,
    ) -> Result<pb::Transfer, Error> {
        let id = wire::id(&request.id, "transfer")?;
        let (tenant, accept) = (wire::tenant(caller)?, request.accept);
        let mut tx = self.state.db.begin(caller).await?;
        let transfer = transfers::get(&mut tx, id).await?;
        let channel = rows::of_page(&mut tx, transfer.platform, &transfer.external_id).await?;
        tx.commit().await?;
        let gives = transfer.decide(tenant, accept, self.state.clock.now())? == Step::To(State::Accepted);
        // Unsubscribed before the page is free: whoever connects it next must not lose their subscription to us.
        let unsubscribed = match channel {
            Some((channel, true)) if gives => self.unsubscribe(caller, channel).await?,
            _ => None,
        };

        let now = self.state.clock.now();
        let mut tx = self.state.db.begin(caller).await?;
        page::lock(tx.conn(), transfer.platform, &transfer.external_id).await?;
        // Read again: whoever held the page may have changed everything.
        let transfer = transfers::get(&mut tx, id).await?;
        let step = transfer.decide(tenant, accept, now);
        let is_ours =
            matches!(rows::of_page(&mut tx, transfer.platform, &transfer.external_id).await?, Some((_, true)));
        let accepts = matches!(step, Ok(Step::To(State::Accepted)));
        // Whoever has lost the page has nothing to give, and must not keep it from others.
        let step = if accepts && !is_ours { Err(already_decided()) } else { step };
        let accepted = accepts && is_ours;
        if let (Some(account), false) = (&unsubscribed, accepted) {
            tx.commit().await?;
            // Somebody was faster. It is subscribed again only where it stays: given away it is another's to subscribe.
            if is_ours && let Err(error) = self.state.graph.subscribe(account).await {
                tracing::warn!(transfer = %id, %error, "a page that stays could not be subscribed again; its check will do it");
            }
            return encode(caller, transfer, now).and_then(|shown| step.map(|_| shown));
        }
        if let Step::To(state) = step? {
            if accepted {
                give(&mut tx, &transfer, now).await?;
            }
            let expires_at = if accepted { now + PATIENCE } else { transfer.expires_at };
            transfers::decided(&mut tx, &transfer, state, expires_at, now).await?;
            let decided = json!({"state": state.as_str()});
            let entry = Entry::new("transfer.decided", format!("transfer:{id}")).change(Value::Null, decided);
            audit::note(&mut tx, caller, entry).await?;
            tracing::info!(transfer = %id, state = state.as_str(), "a transfer was decided");
        }
        let transfer = transfers::get(&mut tx, id).await?;
        tx.commit().await?;
        encode(caller, transfer, now)
    }

    /// Unsubscribes one of the caller's channels as far as Meta lets us, unless another channel lives on its subscription; gives what it was
    /// unsubscribed with. Until the caller takes the channel away it is due to be asked about soon, so that one who never comes that far
    /// leaves it subscribed.
    pub(crate) async fn unsubscribe(&self, caller: &Caller, channel: uuid::Uuid) -> Result<Option<Account>, Error> {
        let held = self.held(caller, channel).await?;
        let Some(token) = held.token else { return Ok(None) };
        let account = held.channel.account(token);
        let behind = (account.platform, account.login) == (Platform::Instagram, Login::Facebook);
        let mut tx = self.state.db.begin(caller).await?;
        let shares = page::shares_subscription(&mut tx, channel, behind).await?;
        if !shares {
            let work = check::item(tx.tenant(), channel);
            schedule(tx.conn(), work, self.state.clock.now() + STAYS).await?;
        }
        tx.commit().await?;
        if shares {
            return Ok(None);
        }
        if let Err(error) = self.state.graph.unsubscribe(&account).await {
            tracing::info!(%channel, %error, "the page could not be unsubscribed; its webhooks will be unrouted");
        }
        Ok(Some(account))
    }
}

/// Takes the page from the transaction's tenant. Its history stays.
async fn give(tx: &mut TenantTx, transfer: &Transfer, now: DateTime<Utc>) -> Result<(), Error> {
    if let Some((channel, true)) = rows::of_page(tx, transfer.platform, &transfer.external_id).await? {
        rows::disconnect(tx, channel, now).await?;
        page::rests_on(tx, channel, &[]).await?;
        let work = check::item(tx.tenant(), channel);
        unschedule(tx.conn(), work).await?;
    }
    Ok(())
}

/// A transfer as its caller may see it: which side they are, and nothing of the other.
fn encode(caller: &Caller, transfer: Transfer, now: DateTime<Utc>) -> Result<pb::Transfer, Error> {
    let state = match transfer.shown(now) {
        State::Pending => pb::TransferState::Pending,
        State::Accepted => pb::TransferState::Accepted,
        State::Declined => pb::TransferState::Declined,
        State::Cancelled => pb::TransferState::Cancelled,
        State::Done => pb::TransferState::Done,
    };
    Ok(pb::Transfer {
        id: transfer.id.to_string(),
        platform: encode_platform(transfer.platform).into(),
        page_id: transfer.external_id,
        page_name: transfer.page_name,
        is_incoming: wire::tenant(caller)? == transfer.owner,
        state: state.into(),
        created_at: Some(wire::timestamp(transfer.created_at)),
    })
}
