//! What people take back at Meta: the rights they gave the app, and their data here. All that is kept of such a person is a token of a page
//! and a keyed hash of their id.

use chatdesk_platform::{Caller, Error};
use chatdesk_proto::tenants::v1 as pb;
use chrono::{DateTime, TimeDelta};
use prost_types::Timestamp;

use super::wire;
use crate::Service;
use crate::model;
use crate::store::{channel, deletion, grant, page};

/// The longest id of a person at Meta.
const LONGEST_ID: usize = 128;
/// How far Meta's clock may be ahead of or behind ours; whoever connects anew within it is taken for not having done so.
const SKEW: TimeDelta = TimeDelta::seconds(5);

impl Service {
    /// Takes the tokens of the channels that rest on a person's login, and what their logins still allow; how many channels. Channels connected after the request was signed rest on
    /// rights given since, and stay, so that an old request that comes again does no harm.
    pub(super) async fn take_rights(
        &self,
        caller: &Caller,
        meta_user_id: &str,
        issued_at: Option<Timestamp>,
    ) -> Result<u32, Error> {
        let state = &self.state;
        let meta_user_id = person(meta_user_id)?;
        let hash = state.keys.meta_user_hash(&meta_user_id);
        let now = state.clock.now();
        let issued = issued_at.and_then(|at| DateTime::from_timestamp(at.seconds, 0)).unwrap_or(now).min(now);
        let mut tx = state.db.system().await?;
        let channels = page::resting_on(&mut tx, &hash).await?;
        let grants = grant::of_person(&mut tx, &hash).await?;
        tx.commit().await?;
        // First: what is connected with one meanwhile is found below, or came after the request.
        for (tenant, id) in grants {
            let mut tx = state.db.begin(&caller.acting_for(tenant)?).await?;
            grant::take(&mut tx, id, issued + SKEW).await?;
            tx.commit().await?;
        }
        let mut taken = 0;
        for (tenant, id) in channels {
            let mut tx = state.db.begin(&caller.acting_for(tenant)?).await?;
            if channel::deauthorize(&mut tx, id, issued + SKEW, now).await? {
                page::rests_on(&mut tx, id, &[]).await?;
                taken += 1;
                tracing::info!(channel = %id, "a person took the app's rights away at Meta");
            }
            tx.commit().await?;
        }
        Ok(taken)
    }

    /// The same, and what is known of the person is forgotten. The code is the same each time, for people we never heard of too.
    pub(super) async fn delete_person(
        &self,
        caller: &Caller,
        meta_user_id: &str,
        issued_at: Option<Timestamp>,
    ) -> Result<pb::Deletion, Error> {
        let state = &self.state;
        let code = state.keys.deletion_code(&person(meta_user_id)?);
        let mut tx = state.db.system().await?;
        deletion::request(&mut tx, &code, state.clock.now()).await?;
        tx.commit().await?;
        self.take_rights(caller, meta_user_id, issued_at).await?;
        let mut tx = state.db.system().await?;
        deletion::complete(&mut tx, &code, state.clock.now()).await?;
        let done = deletion::get(&mut tx, &code).await?;
        tx.commit().await?;
        Ok(encode(done))
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
