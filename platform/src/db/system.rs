//! What every service with due work tells platform admins of itself, in the words of `chatdesk.system.v1`: one code for all of them, served as
//! each one's `SystemService`.

use chatdesk_proto::system::v1 as pb;
use chatdesk_proto::{catalog, inbox, tenants};
use chrono::{DateTime, Utc};
use futures::future::BoxFuture;
use prost_types::Timestamp;
use tonic::{Request, Response, Status};
use uuid::Uuid;

use super::aside::{self, Decision, WorkId};
use super::{Db, SystemTx, Wakes};
use crate::{Error, Invalid, page};

/// The most pieces of work of one page or one decision.
const MOST: u32 = 200;
/// The longest name of a kind, in bytes.
const LONGEST_KIND: usize = 64;

/// What more is done, in the same transaction, for work that is tried again.
pub type Reopen = for<'a> fn(&'a mut SystemTx, &'a [WorkId]) -> BoxFuture<'a, Result<(), Error>>;

/// A service's work and connections. Cheap to clone.
#[derive(Clone)]
pub struct System {
    db: Db,
    wakes: Wakes,
    kinds: &'static [&'static str],
    ended: &'static [&'static str],
    owed: &'static [&'static str],
    lost: Option<&'static str>,
    reopen: Option<Reopen>,
}

impl System {
    /// Of the service that does these kinds of work, and of no other's.
    #[must_use]
    pub const fn new(db: Db, wakes: Wakes, kinds: &'static [&'static str]) -> Self {
        Self { db, wakes, kinds, ended: &[], owed: &[], lost: None, reopen: None }
    }

    /// Kinds of which nothing is left to do once they are set aside: what was not done is shown where people see it, and they decide there.
    #[must_use]
    pub fn ended(self, kinds: &'static [&'static str]) -> Self {
        Self { ended: kinds, ..self }
    }

    /// Kinds that nobody can give up: rows say that the work is owed, and it would come back, or be missing for good.
    #[must_use]
    pub fn owed(self, kinds: &'static [&'static str]) -> Self {
        Self { owed: kinds, ..self }
    }

    /// The kind whose work looks for messages of which nobody knows whether they arrived.
    #[must_use]
    pub fn lost(self, kind: &'static str) -> Self {
        Self { lost: Some(kind), ..self }
    }

    /// What more is to be done for work that is tried again.
    #[must_use]
    pub fn reopening(self, reopen: Reopen) -> Self {
        Self { reopen: Some(reopen), ..self }
    }

    /// Refuses what would do nothing to work of a kind.
    fn refuse(&self, kind: &str, decision: Decision) -> Result<(), Error> {
        let (code, detail) = match decision {
            Decision::Retry if self.ended.contains(&kind) => (
                "nothing_to_retry",
                format!(
                    "Work of the kind {kind} has ended: people see what it did not do, and decide there. It can be let go."
                ),
            ),
            Decision::Discard if self.owed.contains(&kind) => (
                "still_owed",
                format!("Work of the kind {kind} is still owed and cannot be let go. It can be tried again."),
            ),
            Decision::Look | Decision::Retry | Decision::Discard => return Ok(()),
        };
        Err(Error::Precondition { code, detail })
    }

    /// How it is.
    pub async fn get(&self) -> Result<pb::System, Error> {
        let mut tx = self.db.system().await?;
        let kinds: Vec<String> = self.kinds.iter().map(|kind| (*kind).to_owned()).collect();
        let queues = aside::queues(tx.conn(), &kinds).await?;
        tx.commit().await?;
        let count = |n: i64| u64::try_from(n).unwrap_or_default();
        let unknown = queues.iter().filter(|queue| self.lost == Some(queue.kind.as_str()));
        let unknown_sends = unknown.map(|queue| count(queue.due + queue.leased + queue.later)).sum();
        let queues = queues.into_iter().map(|queue| pb::Queue {
            due: count(queue.due),
            leased: count(queue.leased),
            later: count(queue.later),
            set_aside: count(queue.set_aside),
            oldest_due_at: queue.oldest_due_at.map(timestamp),
            kind: queue.kind,
        });
        let pool = self.db.pool();
        let pool = pb::Pool { most: pool.most, open: pool.open, idle: pool.idle };
        Ok(pb::System { queues: queues.collect(), unknown_sends, pool: Some(pool) })
    }

    /// What was set aside.
    pub async fn list(&self, request: &pb::ListFailedWorkRequest) -> Result<pb::ListFailedWorkResponse, Error> {
        let mut invalid = Invalid::default();
        let after = (!request.cursor.is_empty()).then(|| WorkId::of_cursor(&request.cursor));
        if after == Some(None) {
            invalid.add("cursor", "malformed", "is not a cursor that a list gave");
        }
        let limit = invalid.check("limit", page::limit(request.limit, 50, MOST));
        let limit = invalid.into_result(limit)?;
        // A kind that is not this service's has nothing here.
        let kinds: Vec<&str> =
            self.kinds.iter().copied().filter(|kind| request.kind.is_empty() || *kind == request.kind).collect();
        let mut tx = self.db.system().await?;
        let mut items = aside::list(tx.conn(), &kinds, after.flatten().as_ref(), i64::from(limit) + 1).await?;
        tx.commit().await?;
        let has_more = items.len() > limit as usize;
        items.truncate(limit as usize);
        let next = items.last().filter(|_| has_more).map(|last| last.id.cursor());
        let items = items.into_iter().map(|item| pb::FailedWork {
            id: Some(encode(&item.id)),
            can_retry: self.refuse(&item.id.kind, Decision::Retry).is_ok(),
            can_discard: self.refuse(&item.id.kind, Decision::Discard).is_ok(),
            attempts: u32::try_from(item.attempts).unwrap_or_default(),
            why: item.why,
            failed_at: item.failed_at.map(timestamp),
        });
        Ok(pb::ListFailedWorkResponse { items: items.collect(), next_cursor: next.unwrap_or_default() })
    }

    /// Decides about work. Precondition `nothing_to_retry` or `still_owed` where it would do nothing, for a dry run too.
    pub async fn decide(
        &self,
        request: &pb::DecideWorkRequest,
        decision: Decision,
    ) -> Result<pb::DecideWorkResponse, Error> {
        if request.ids.is_empty() || request.ids.len() > MOST as usize {
            return Err(Error::invalid("ids", "out_of_range", format!("takes 1 to {MOST} ids")));
        }
        let ids: Option<Vec<WorkId>> = request.ids.iter().map(decode).collect();
        let ids = ids.ok_or_else(|| Error::invalid("ids", "malformed", "takes ids that a list gave"))?;
        ids.iter().try_for_each(|id| self.refuse(&id.kind, decision))?;
        let decision = if request.dry_run { Decision::Look } else { decision };
        let mut tx = self.db.system().await?;
        let held = aside::decide(tx.conn(), self.kinds, &ids, decision).await?;
        if let (Decision::Retry, Some(reopen)) = (decision, self.reopen) {
            reopen(&mut tx, &held).await?;
        }
        tx.commit().await?;
        for kind in self.kinds.iter().filter(|kind| held.iter().any(|id| id.kind == **kind)) {
            self.wakes.wake(kind);
        }
        let gone = ids.iter().filter(|id| !held.contains(id)).map(encode).collect();
        Ok(pb::DecideWorkResponse { done: held.iter().map(encode).collect(), gone })
    }
}

/// `SystemService` of each of these packages, which all say the same.
macro_rules! serve {
    ($($area:ident),+) => {$(
        #[tonic::async_trait]
        impl $area::v1::system_service_server::SystemService for System {
            async fn get_system(&self, _: Request<pb::GetSystemRequest>) -> Result<Response<pb::System>, Status> {
                Ok(Response::new(self.get().await?))
            }

            async fn list_failed_work(
                &self,
                request: Request<pb::ListFailedWorkRequest>,
            ) -> Result<Response<pb::ListFailedWorkResponse>, Status> {
                Ok(Response::new(self.list(request.get_ref()).await?))
            }

            async fn retry_work(
                &self,
                request: Request<pb::DecideWorkRequest>,
            ) -> Result<Response<pb::DecideWorkResponse>, Status> {
                Ok(Response::new(self.decide(request.get_ref(), Decision::Retry).await?))
            }

            async fn discard_work(
                &self,
                request: Request<pb::DecideWorkRequest>,
            ) -> Result<Response<pb::DecideWorkResponse>, Status> {
                Ok(Response::new(self.decide(request.get_ref(), Decision::Discard).await?))
            }
        }
    )+};
}

serve!(inbox, catalog, tenants);

fn encode(id: &WorkId) -> pb::WorkId {
    let tenant_id = if id.tenant.is_nil() { String::new() } else { id.tenant.to_string() };
    pb::WorkId { kind: id.kind.clone(), tenant_id, entity_id: id.entity.to_string() }
}

fn decode(id: &pb::WorkId) -> Option<WorkId> {
    let tenant = if id.tenant_id.is_empty() { Uuid::nil() } else { id.tenant_id.parse().ok()? };
    let is_kind = id.kind.len() <= LONGEST_KIND && !id.kind.contains('\0');
    is_kind.then_some(WorkId { kind: id.kind.clone(), tenant, entity: id.entity_id.parse().ok()? })
}

fn timestamp(at: DateTime<Utc>) -> Timestamp {
    Timestamp { seconds: at.timestamp(), nanos: i32::try_from(at.timestamp_subsec_nanos()).unwrap_or_default() }
}
