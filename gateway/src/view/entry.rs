//! What the assistant knows beside the products.

use chatdesk_proto::catalog::v1 as pb;
use serde::Serialize;
use utoipa::ToSchema;

use super::product::EmbeddingStatus;
use super::{Time, Unreadable, names, time};

names! {
    /// What an entry is.
    EntryKind of pb::EntryKind { Faq, Policy, Synonym }
}

/// A question and its answer, a topic and the shop's rule, or words as customers type them and as the shop writes them.
#[derive(Serialize, ToSchema)]
pub struct Entry {
    id: String,
    kind: EntryKind,
    /// The question, the topic, or the customers' words, separated by commas.
    title: String,
    /// The answer, the rule, or the shop's words.
    body: String,
    /// Of a synonym always `ready`.
    embedding_status: EmbeddingStatus,
    created_at: Time,
    updated_at: Time,
}

impl TryFrom<pb::Entry> for Entry {
    type Error = Unreadable;

    fn try_from(told: pb::Entry) -> Result<Self, Unreadable> {
        Ok(Self {
            id: told.id,
            kind: told.kind.try_into()?,
            title: told.title,
            body: told.body,
            embedding_status: told.embedding_status.try_into()?,
            created_at: time(told.created_at, "entry")?,
            updated_at: time(told.updated_at, "entry")?,
        })
    }
}
