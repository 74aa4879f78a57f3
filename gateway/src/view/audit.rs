//! Who did what, and what people should know of their business right now.

use chatdesk_proto::tenants::v1 as pb;
use serde::Serialize;
use serde_json::value::RawValue;
use utoipa::ToSchema;

use super::{Time, Unreadable, filled, names, time, time_opt};

names! {
    /// Who did something.
    ActorKind of pb::ActorKind {
        /// A person of the business.
        Member,
        /// A platform admin.
        Admin,
        /// One of our own services, or an operator's client.
        Service,
        /// Somebody who proved nothing.
        Nobody,
    }
}

/// One record of a chain. The hash is of all that stands before it, and of the record before.
#[derive(Serialize, ToSchema)]
pub struct AuditRecord {
    /// Its place in the chain, from 1.
    n: u64,
    /// In microseconds, as it was hashed.
    #[schema(value_type = String, format = DateTime)]
    at: String,
    actor_kind: ActorKind,
    /// The person's id, or the service's name.
    actor: Option<String>,
    /// What the person is called, where that is known.
    actor_name: Option<String>,
    /// The role that was taken on, such as `viewer` of an admin inside the business.
    acting_as: Option<String>,
    /// `noun.verb`.
    #[schema(example = "channel.connect")]
    action: String,
    /// `noun:id` of what it was done to.
    object: String,
    #[schema(value_type = Option<Object>)]
    before: Option<Box<RawValue>>,
    #[schema(value_type = Option<Object>)]
    after: Option<Box<RawValue>>,
    /// Where it came from.
    address: Option<String>,
    prev_hash: String,
    hash: String,
}

impl TryFrom<pb::AuditRecord> for AuditRecord {
    type Error = Unreadable;

    fn try_from(told: pb::AuditRecord) -> Result<Self, Unreadable> {
        let json = |text: String| {
            let value = filled(text).map(RawValue::from_string).transpose();
            value.map_err(|_| Unreadable("audit record"))
        };
        let at = super::moment(told.at).ok_or(Unreadable("audit record"))?;
        Ok(Self {
            n: told.n,
            at: at.to_rfc3339_opts(chrono::SecondsFormat::Micros, true),
            actor_kind: told.actor_kind.try_into()?,
            actor: filled(told.actor),
            actor_name: filled(told.actor_name),
            acting_as: filled(told.acting_as),
            action: told.action,
            object: told.object,
            before: json(told.before)?,
            after: json(told.after)?,
            address: filled(told.address),
            prev_hash: told.prev_hash,
            hash: told.hash,
        })
    }
}

names! {
    /// What a notice is about.
    NoticeKind of pb::NoticeKind {
        /// A platform admin looks at the business.
        Visit,
        /// The business is suspended: nothing is sent or answered.
        Suspended,
        /// The business is about to be deleted.
        Deletion,
    }
}

/// Something that the people of a business should know right now.
#[derive(Serialize, ToSchema)]
pub struct Notice {
    kind: NoticeKind,
    /// Why, in an admin's words.
    reason: Option<String>,
    since: Time,
    /// Until when, where it is known.
    until: Option<Time>,
}

impl TryFrom<pb::Notice> for Notice {
    type Error = Unreadable;

    fn try_from(told: pb::Notice) -> Result<Self, Unreadable> {
        Ok(Self {
            kind: told.kind.try_into()?,
            reason: filled(told.reason),
            since: time(told.since, "notice")?,
            until: time_opt(told.until),
        })
    }
}
