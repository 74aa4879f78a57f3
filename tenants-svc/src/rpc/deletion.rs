//! What people take back at Meta: the rights they gave the app, and their data here: a token of a page and a keyed hash of their id, and what
//! a contact wrote who bears that id.

use std::time::Duration;

use chatdesk_platform::db::{DueItem, schedule, unschedule};
use chatdesk_platform::{Caller, Error, TenantId, new_id};
use chatdesk_proto::tenants::v1 as pb;
use chrono::{DateTime, TimeDelta};
use prost_types::Timestamp;
use uuid::Uuid;

use super::wire;
use crate::Service;
use crate::model;
use crate::store::withdrawal::{self, Withdrawal};
use crate::store::{channel, deletion, grant, page};
use crate::work::withdrawals;

/// By which the inbox looks for somebody among the contacts.
const FIND_PERSON: &str = "find_person";
/// The longest id of a person at Meta.
const LONGEST_ID: usize = 128;
/// How far Meta's clock may be ahead of or behind ours; whoever connects anew within it is taken for not having done so.
const SKEW: TimeDelta = TimeDelta::seconds(5);
/// How long Meta may be kept waiting for its answer while things are done.
const AT_ONCE: Duration = Duration::from_secs(5);
/// When what was begun at once is gone on with: longer than that takes.
const RESUMED: TimeDelta = TimeDelta::seconds(30);

impl Service {
    /// Takes the tokens of the channels that rest on a person's login, and what their logins still allow; how many channels were taken at
    /// once. Channels connected after the request was signed rest on rights given since, and stay, so that an old request that comes again
    /// does no harm.
    pub(super) async fn take_rights(
        &self,
        caller: &Caller,
        meta_user_id: &str,
        issued_at: Option<Timestamp>,
    ) -> Result<u32, Error> {
        self.take_back(caller, &person(meta_user_id)?, issued_at, None).await
    }

    /// The same, and what is known of the person is forgotten, as a business's person or as a customer. The code is the same each time, for people we never heard of too.
    pub(super) async fn delete_person(
        &self,
        caller: &Caller,
        meta_user_id: &str,
        issued_at: Option<Timestamp>,
    ) -> Result<pb::Deletion, Error> {
        let person = person(meta_user_id)?;
        let code = self.state.keys.deletion_code(&person);
        self.take_back(caller, &person, issued_at, Some(&code)).await?;
        self.deletion(&code).await
    }

    /// Notes what a person takes back, and does it at once as far as that goes; what is left is done by work that is noted with it.
    async fn take_back(
        &self,
        caller: &Caller,
        meta_user_id: &str,
        issued_at: Option<Timestamp>,
        deletion_code: Option<&str>,
    ) -> Result<u32, Error> {
        let state = &self.state;
        let now = state.clock.now();
        let issued_at = issued_at.and_then(|at| DateTime::from_timestamp(at.seconds, 0)).unwrap_or(now).min(now);
        let meta_user_hash = state.keys.meta_user_hash(meta_user_id).to_vec();
        let asked =
            Withdrawal { id: new_id(), meta_user_hash, issued_at, deletion_code: deletion_code.map(str::to_owned) };
        let mut tx = state.db.system().await?;
        if let Some(code) = deletion_code {
            deletion::request(&mut tx, code, now).await?;
            let sought = deletion::seek(&mut tx, (new_id(), code), meta_user_id, issued_at).await?;
            schedule(tx.conn(), DueItem { kind: FIND_PERSON, tenant: None, entity: sought }, now).await?;
        }
        let id = withdrawal::request(&mut tx, &asked).await?;
        schedule(tx.conn(), withdrawals::item(id), now + RESUMED).await?;
        tx.commit().await?;
        let done = tokio::time::timeout(AT_ONCE, self.withdraw(id, |tenant| caller.acting_for(tenant))).await;
        done.unwrap_or(Err(Error::DeadlineExceeded)).or_else(|error| {
            let error = &error as &dyn std::error::Error;
            tracing::warn!(withdrawal = %id, error, "what a person took back at Meta is not done yet, and will be");
            Ok(0)
        })
    }

    /// Does what a person took back; how many channels lost their token by it.
    pub(crate) async fn withdraw(
        &self,
        id: Uuid,
        caller_of: impl Fn(TenantId) -> Result<Caller, Error>,
    ) -> Result<u32, Error> {
        let state = &self.state;
        let mut tx = state.db.system().await?;
        let Some(asked) = withdrawal::get(&mut tx, id).await? else { return Ok(0) };
        let channels = page::resting_on(&mut tx, &asked.meta_user_hash).await?;
        let grants = grant::of_person(&mut tx, &asked.meta_user_hash).await?;
        tx.commit().await?;
        let before = asked.issued_at + SKEW;
        // First: what is connected with one meanwhile is found below, or came after the request.
        for (tenant, id) in grants {
            let mut tx = state.db.begin(&caller_of(tenant)?).await?;
            grant::take(&mut tx, id, before).await?;
            tx.commit().await?;
        }
        let (mut taken, now) = (0, state.clock.now());
        for (tenant, id) in channels {
            let mut tx = state.db.begin(&caller_of(tenant)?).await?;
            if channel::deauthorize(&mut tx, id, before, now).await? {
                page::rests_on(&mut tx, id, &[]).await?;
                taken += 1;
                tracing::info!(channel = %id, "a person took the app's rights away at Meta");
            }
            tx.commit().await?;
        }
        let mut tx = state.db.system().await?;
        // In the order in which they are noted, so that nobody waits for each other.
        if let Some(code) = &asked.deletion_code {
            deletion::complete(&mut tx, code, now).await?;
        }
        // More that was asked for meanwhile is work of its own: then nothing is done, and nothing kept of this.
        if withdrawal::done(&mut tx, &asked).await? {
            unschedule(tx.conn(), withdrawals::item(id)).await?;
            tx.commit().await?;
        }
        Ok(taken)
    }

    pub(super) async fn deletion(&self, code: &str) -> Result<pb::Deletion, Error> {
        let code = model::needed_text(code, LONGEST_ID).map_err(|_| Error::NotFound("deletion"))?;
        let mut tx = self.state.db.system().await?;
        let found = deletion::get(&mut tx, &code).await?;
        tx.commit().await?;
        Ok(encode(found))
    }
}

fn person(meta_user_id: &str) -> Result<String, Error> {
    model::needed_text(meta_user_id, LONGEST_ID).map_err(|(code, detail)| Error::invalid("meta_user_id", code, detail))
}

fn encode(deletion: deletion::Deletion) -> pb::Deletion {
    pb::Deletion {
        code: deletion.code,
        is_done: deletion.completed_at.is_some(),
        requested_at: Some(wire::timestamp(deletion.requested_at)),
        completed_at: deletion.completed_at.map(wire::timestamp),
    }
}
