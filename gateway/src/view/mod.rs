//! Resources as the outside sees them: in answers and in live frames alike. Made from what the services say; a resource that
//! lacks what it must have is our defect and is not shown half.

mod account;
mod admin;
mod assistant;
mod attachment;
mod audit;
mod channel;
mod connect;
mod conversation;
mod dashboard;
mod entry;
mod import;
mod journal;
mod label;
mod message;
mod note;
mod privacy;
mod product;
mod replay;
mod saved_reply;
mod system;
mod team;
mod unanswered;

pub use account::{AdminView, Member, SessionInfo, SessionView, TenantState, TicketView, User};
pub use admin::{ChannelHealth, EnteredTenant, Plan, Tenant, TenantDetail, UsageReport, Visit};
pub use assistant::{PreviewView, Settings};
pub use attachment::Upload;
pub use audit::{AuditRecord, Notice};
pub use channel::{Channel, HealthState};
pub use connect::{Deletion, Grant, LoginDialog, Transfer};
pub use conversation::{Contact, Conversation, ConversationCounts};
pub use dashboard::Dashboard;
pub use entry::Entry;
pub use import::{Import, ImportRow};
pub use journal::{ItemOutcome, JournalItem, JournalSummary, Redriven};
pub use label::{Label, LabelColor};
pub use message::Message;
pub use note::Note;
pub use privacy::{Export, ExportLink, TenantDeletion};
pub use product::{Category, PriceChange, Product, ScoredProduct};
pub use replay::Replay;
pub use saved_reply::SavedReply;
pub use system::{FailedWork, ServiceHealth, SystemHealth, WorkDecided, name as work_name, named as work_named};
pub use team::{Invitation, InvitationOffer, RecoveryCodes, TotpSecret};
pub use unanswered::UnansweredQuestion;

use axum::Json;
use chrono::{DateTime, SecondsFormat, Utc};
use prost_types::Timestamp;
use serde::{Serialize, Serializer};
use tonic::Response;
use utoipa::ToSchema;

use crate::problem::Problem;

/// A service said something that cannot be shown.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("a service answered with a {0} that cannot be shown")]
pub struct Unreadable(pub &'static str);

impl From<Unreadable> for Problem {
    fn from(error: Unreadable) -> Self {
        tracing::error!(error = &error as &dyn std::error::Error, "internal error");
        Self::internal()
    }
}

/// A service's answer as a resource.
pub fn show<P, V: TryFrom<P, Error = Unreadable>>(answer: Response<P>) -> Result<Json<V>, Problem> {
    Ok(Json(V::try_from(answer.into_inner())?))
}

/// A page of a list.
#[derive(Serialize, ToSchema)]
pub struct List<T> {
    /// In the list's order.
    pub items: Vec<T>,
    /// For the next page; null on the last one.
    pub next_cursor: Option<String>,
}

impl<T> List<T> {
    /// A service's page as resources.
    pub fn show<P>(items: Vec<P>, next_cursor: String) -> Result<Json<Self>, Problem>
    where
        T: TryFrom<P, Error = Unreadable>,
    {
        Ok(Json(Self { items: each(items)?, next_cursor: filled(next_cursor) }))
    }
}

/// A moment: RFC 3339 in UTC with milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ToSchema)]
#[schema(value_type = String, format = DateTime, example = "2026-11-22T08:30:00.000Z")]
pub struct Time(DateTime<Utc>);

impl Serialize for Time {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0.to_rfc3339_opts(SecondsFormat::Millis, true))
    }
}

/// A moment that may be unset; none also for one beyond the calendar.
fn time_opt(stamp: Option<Timestamp>) -> Option<Time> {
    moment(stamp).map(Time)
}

/// A moment that must be set.
fn time(stamp: Option<Timestamp>, what: &'static str) -> Result<Time, Unreadable> {
    time_opt(stamp).ok_or(Unreadable(what))
}

/// A service's timestamp.
pub fn moment(stamp: Option<Timestamp>) -> Option<DateTime<Utc>> {
    let stamp = stamp?;
    DateTime::from_timestamp(stamp.seconds, u32::try_from(stamp.nanos).ok()?)
}

/// Services say "not set" with an empty text; outside it is null.
fn filled(text: String) -> Option<String> {
    Some(text).filter(|text| !text.is_empty())
}

fn each<P, V: TryFrom<P, Error = Unreadable>>(all: Vec<P>) -> Result<Vec<V>, Unreadable> {
    all.into_iter().map(V::try_from).collect()
}

fn one<P, V: TryFrom<P, Error = Unreadable>>(part: Option<P>) -> Result<Option<V>, Unreadable> {
    part.map(V::try_from).transpose()
}

/// An enum of the services' as the names that the outside knows.
macro_rules! names {
    ($(#[$doc:meta])* $name:ident of $proto:ty { $($(#[$variant_doc:meta])* $variant:ident),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
        #[serde(rename_all = "snake_case")]
        pub enum $name { $($(#[$variant_doc])* $variant),* }

        impl TryFrom<i32> for $name {
            type Error = $crate::view::Unreadable;

            fn try_from(number: i32) -> Result<Self, Self::Error> {
                type Proto = $proto;
                match Proto::try_from(number) {
                    $(Ok(Proto::$variant) => Ok(Self::$variant),)*
                    _ => Err($crate::view::Unreadable(stringify!($name))),
                }
            }
        }
    };
}
use names;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_utc_with_milliseconds() {
        let stamp = Timestamp { seconds: 1_795_336_200, nanos: 120_456_789 };
        let text = serde_json::to_string(&time_opt(Some(stamp))).unwrap();
        assert_eq!(text, "\"2026-11-22T08:30:00.120Z\"");
        for beyond in [Timestamp { seconds: i64::MAX, nanos: 0 }, Timestamp { seconds: 0, nanos: -1 }] {
            assert_eq!(time_opt(Some(beyond)), None);
        }
    }
}
