//! How the services are, and the work they failed at.

use chatdesk_proto::system::v1 as pb;
use serde::Serialize;
use utoipa::ToSchema;

use super::{Time, Unreadable, each, filled, time_opt};

/// The work of one kind.
#[derive(Serialize, ToSchema)]
pub struct Queue {
    /// Such as `ingest`, `reply` or `send`.
    kind: String,
    /// Due, and nobody has it.
    due: u64,
    /// Being done.
    leased: u64,
    /// Due later.
    later: u64,
    /// Failed too often; waits for a person.
    set_aside: u64,
    /// Since when the oldest that is due has been.
    oldest_due_at: Option<Time>,
}

impl TryFrom<pb::Queue> for Queue {
    type Error = Unreadable;

    fn try_from(told: pb::Queue) -> Result<Self, Unreadable> {
        Ok(Self {
            kind: told.kind,
            due: told.due,
            leased: told.leased,
            later: told.later,
            set_aside: told.set_aside,
            oldest_due_at: time_opt(told.oldest_due_at),
        })
    }
}

/// Connections to the database.
#[derive(Serialize, ToSchema)]
pub struct Pool {
    /// The most there may be.
    most: u32,
    /// Open ones.
    open: u32,
    /// Open ones that nobody uses.
    idle: u32,
}

/// How one service is.
#[derive(Serialize, ToSchema)]
pub struct ServiceHealth {
    /// Such as `inbox`.
    pub service: &'static str,
    /// Whether it answers; when it does not, nothing else is known.
    pub is_up: bool,
    /// Its work.
    pub queues: Vec<Queue>,
    /// Messages of which nobody knows whether Meta took them, and that are being looked for.
    pub unknown_sends: u64,
    /// Of the process that answered; null where there is no database.
    pub pool: Option<Pool>,
}

impl ServiceHealth {
    /// A service that does not answer.
    pub const fn down(service: &'static str) -> Self {
        Self { service, is_up: false, queues: Vec::new(), unknown_sends: 0, pool: None }
    }

    /// A service that does.
    pub fn up(service: &'static str, told: pb::System) -> Result<Self, Unreadable> {
        let pool = told.pool.map(|pool| Pool { most: pool.most, open: pool.open, idle: pool.idle });
        Ok(Self { service, is_up: true, queues: each(told.queues)?, unknown_sends: told.unknown_sends, pool })
    }
}

/// How the installation is.
#[derive(Serialize, ToSchema)]
pub struct SystemHealth {
    /// Each service that does work.
    pub services: Vec<ServiceHealth>,
}

/// Work that failed too often.
#[derive(Serialize, ToSchema)]
pub struct FailedWork {
    /// Names it to be tried again or given up.
    id: String,
    /// Which service has it.
    service: &'static str,
    kind: String,
    /// Null for work that is no tenant's.
    business_id: Option<String>,
    /// What it is about.
    entity_id: String,
    attempts: u32,
    /// What the last try failed with.
    why: String,
    /// When it was set aside, where that was noted.
    failed_at: Option<Time>,
    /// Whether trying it again would do anything: else that is refused as `nothing_to_retry`.
    can_retry: bool,
    /// Whether it may be given up: else that is refused as `still_owed`.
    can_discard: bool,
}

impl FailedWork {
    /// Work of a service.
    pub fn of(service: &'static str, told: pb::FailedWork) -> Result<Self, Unreadable> {
        let id = told.id.ok_or(Unreadable("piece of work"))?;
        Ok(Self {
            service,
            id: name(service, &id),
            kind: id.kind,
            business_id: filled(id.tenant_id),
            entity_id: id.entity_id,
            attempts: told.attempts,
            why: told.why,
            failed_at: time_opt(told.failed_at),
            can_retry: told.can_retry,
            can_discard: told.can_discard,
        })
    }
}

/// What is decided about work, or would be.
#[derive(Serialize, ToSchema)]
pub struct WorkDecided {
    /// Those that were set aside and are dealt with, or would be.
    pub done: Vec<String>,
    /// Those that are not set aside any more, or never were.
    pub gone: Vec<String>,
    /// Whether nothing was changed.
    pub dry_run: bool,
}

/// How the outside names a piece of work: `service.kind.tenant.entity`, the tenant empty for work of none.
pub fn name(service: &str, id: &pb::WorkId) -> String {
    format!("{service}.{}.{}.{}", id.kind, id.tenant_id, id.entity_id)
}

/// The service's name and the work behind such a name.
pub fn named(text: &str) -> Option<(&str, pb::WorkId)> {
    let mut parts = text.split('.');
    let (service, kind, tenant, entity) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let is_id = |text: &str| uuid::Uuid::parse_str(text).is_ok();
    let is_right = parts.next().is_none() && !kind.is_empty() && (tenant.is_empty() || is_id(tenant)) && is_id(entity);
    let id = pb::WorkId { kind: kind.to_owned(), tenant_id: tenant.to_owned(), entity_id: entity.to_owned() };
    is_right.then_some((service, id))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn work_is_named_and_found_again() {
        let (tenant, entity) = (uuid::Uuid::now_v7().to_string(), uuid::Uuid::now_v7().to_string());
        for tenant_id in [tenant, String::new()] {
            let id = pb::WorkId { kind: "send".into(), tenant_id, entity_id: entity.clone() };
            assert_eq!(named(&name("inbox", &id)), Some(("inbox", id)));
        }
        for bad in ["", "inbox", "inbox.send..", "inbox.send.x.y", "inbox...", &format!("inbox.send..{entity}.x")] {
            assert_eq!(named(bad), None, "{bad}");
        }
    }

    proptest! {
        #[test]
        fn any_name_is_read_without_a_panic(text in any::<String>()) {
            if let Some((service, id)) = named(&text) {
                prop_assert_eq!(name(service, &id), text);
            }
        }
    }
}
