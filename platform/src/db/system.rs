//! What every service with due work tells platform admins of itself, in the words of `chatdesk.system.v1`: one code for all of them.

use chatdesk_proto::system::v1 as pb;
use chrono::{DateTime, Utc};
use prost_types::Timestamp;
use uuid::Uuid;

use super::aside::{self, Decision, WorkId};
use super::{Db, SystemTx, Wakes};
use crate::{Error, Invalid, page};

/// The most pieces of work of one page or one decision.
const MOST: u32 = 200;
/// The longest name of a kind, in bytes.
const LONGEST_KIND: usize = 64;

/// A service's work and connections. Cheap to clone.
#[derive(Clone)]
pub struct System {
    db: Db,
    wakes: Wakes,
    kinds: &'static [&'static str],
    ended: &'static [&'static str],
    owed: &'static [&'static str],
}

/// What became of the work that somebody decided about.
pub struct Decided {
    /// Those that were set aside and are dealt with, or would be.
    pub held: Vec<WorkId>,
    /// Whether nothing is changed.
    pub is_dry: bool,
    gone: Vec<WorkId>,
}

impl System {
    /// Of the service that does these kinds of work, and of no other's.
    #[must_use]
    pub const fn new(db: Db, wakes: Wakes, kinds: &'static [&'static str]) -> Self {
        Self { db, wakes, kinds, ended: &[], owed: &[] }
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

    /// Refuses what would do nothing.
    fn refuse(&self, ids: &[WorkId], decision: Decision) -> Result<(), Error> {
        let (kinds, code, why): (_, _, fn(&str) -> String) = match decision {
            Decision::Look => return Ok(()),
            Decision::Retry => (self.ended, "nothing_to_retry", |kind| {
                format!(
                    "Work of the kind {kind} has ended: people see what it did not do, and decide there. It can be let go."
                )
            }),
            Decision::Discard => (self.owed, "still_owed", |kind| {
                format!("Work of the kind {kind} is still owed and cannot be let go. It can be tried again.")
            }),
        };
        match ids.iter().find(|id| kinds.contains(&id.kind.as_str())) {
            Some(id) => Err(Error::Precondition { code, detail: why(&id.kind) }),
            None => Ok(()),
        }
    }

    /// How it is; `lost` is the kind whose work looks for messages of which nobody knows whether they arrived.
    pub async fn get(&self, lost: Option<&str>) -> Result<pb::System, Error> {
        let mut tx = self.db.system().await?;
        let queues = aside::queues(tx.conn(), self.kinds).await?;
        tx.commit().await?;
        let count = |n: i64| u64::try_from(n).unwrap_or_default();
        let unknown = queues.iter().filter(|queue| lost == Some(queue.kind.as_str()));
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
            attempts: u32::try_from(item.attempts).unwrap_or_default(),
            why: item.why,
            failed_at: item.failed_at.map(timestamp),
        });
        Ok(pb::ListFailedWorkResponse { items: items.collect(), next_cursor: next.unwrap_or_default() })
    }

    /// Decides about work within a transaction, which may do more for what it gives, and commits. Then [`System::told`]. Precondition
    /// `nothing_to_retry` or `still_owed` where it would do nothing, for a dry run too.
    pub async fn decide(
        &self,
        tx: &mut SystemTx,
        request: &pb::DecideWorkRequest,
        decision: Decision,
    ) -> Result<Decided, Error> {
        if request.ids.is_empty() || request.ids.len() > MOST as usize {
            return Err(Error::invalid("ids", "out_of_range", format!("takes 1 to {MOST} ids")));
        }
        let ids: Option<Vec<WorkId>> = request.ids.iter().map(decode).collect();
        let ids = ids.ok_or_else(|| Error::invalid("ids", "malformed", "takes ids that a list gave"))?;
        self.refuse(&ids, decision)?;
        let decision = if request.dry_run { Decision::Look } else { decision };
        let held = aside::decide(tx.conn(), self.kinds, &ids, decision).await?;
        let gone = ids.into_iter().filter(|id| !held.contains(id)).collect();
        Ok(Decided { held, is_dry: request.dry_run, gone })
    }

    /// The same, where there is no more to do.
    pub async fn decide_at_once(
        &self,
        request: &pb::DecideWorkRequest,
        decision: Decision,
    ) -> Result<pb::DecideWorkResponse, Error> {
        let mut tx = self.db.system().await?;
        let decided = self.decide(&mut tx, request, decision).await?;
        tx.commit().await?;
        Ok(self.told(&decided))
    }

    /// Wakes the workers of what was decided about, and says what became of it.
    #[must_use]
    pub fn told(&self, decided: &Decided) -> pb::DecideWorkResponse {
        for kind in self.kinds.iter().filter(|kind| decided.held.iter().any(|id| id.kind == **kind)) {
            self.wakes.wake(kind);
        }
        let each = |ids: &[WorkId]| ids.iter().map(encode).collect();
        pb::DecideWorkResponse { done: each(&decided.held), gone: each(&decided.gone) }
    }
}

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
