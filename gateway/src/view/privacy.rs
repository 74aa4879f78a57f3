//! A business's data taken along, and the business deleted.

use chatdesk_proto::tenants::v1 as pb;
use serde::Serialize;
use utoipa::ToSchema;

use super::{Time, Unreadable, filled, names, time, time_opt};

names! {
    /// How an export stands.
    ExportState of pb::ExportState {
        /// Being written.
        Running,
        /// Can be fetched until it expires.
        Ready,
        /// Could not be written; begin another.
        Failed,
        /// Taken away, because a customer in it was forgotten since; begin another.
        Withdrawn,
    }
}

/// A business's data, written down.
#[derive(Serialize, ToSchema)]
pub struct Export {
    id: String,
    state: ExportState,
    /// The owner who asked.
    requested_by: String,
    requested_at: Time,
    /// When it is forgotten: 24 hours after it was asked for.
    expires_at: Time,
    /// Lines written so far, in all files.
    lines: i64,
    /// Bytes written so far, before they are compressed.
    size: i64,
}

impl TryFrom<pb::Export> for Export {
    type Error = Unreadable;

    fn try_from(told: pb::Export) -> Result<Self, Unreadable> {
        Ok(Self {
            id: told.id,
            state: told.state.try_into()?,
            requested_by: told.requested_by,
            requested_at: time(told.requested_at, "export")?,
            expires_at: time(told.expires_at, "export")?,
            lines: told.lines,
            size: told.size,
        })
    }
}

/// Where an export can be fetched without an access token, once.
#[derive(Serialize, ToSchema)]
pub struct ExportLink {
    /// Below this address.
    pub url: String,
    /// Seconds until it works no more.
    pub expires_in: u32,
}

/// Whether, and when, the business is deleted.
#[derive(Serialize, ToSchema)]
pub struct TenantDeletion {
    /// When; null when nobody asked for it.
    delete_after: Option<Time>,
    requested_at: Option<Time>,
    /// The owner who asked.
    requested_by: Option<String>,
}

impl TryFrom<pb::TenantDeletion> for TenantDeletion {
    type Error = Unreadable;

    fn try_from(told: pb::TenantDeletion) -> Result<Self, Unreadable> {
        Ok(Self {
            delete_after: time_opt(told.delete_after),
            requested_at: time_opt(told.requested_at),
            requested_by: filled(told.requested_by),
        })
    }
}
