//! What the inbox does when a tenant takes its data along, or is deleted.

use chatdesk_platform::db::TenantTx;
use chatdesk_platform::db::erase::Erase;
use chatdesk_platform::db::export::{Line, Share};
use chatdesk_platform::{Error, ServiceName};
use uuid::Uuid;

use crate::redact;
use crate::store::{erase, export, routing};

/// The inbox's share of an export.
#[derive(Clone)]
pub struct InboxShare;

impl Share for InboxShare {
    const SERVICE: ServiceName = ServiceName::Inbox;
    const KIND: &'static str = "export_inbox";
    const FILES: &'static [&'static str] = &[
        "contacts.ndjson",
        "conversations.ndjson",
        "messages.ndjson",
        "notes.ndjson",
        "labels.ndjson",
        "unanswered.ndjson",
    ];
    type Parts = export::Parts;

    async fn lines(&self, tx: &mut TenantTx, file: &'static str, after: Uuid) -> Result<Vec<Line>, Error> {
        match file {
            "contacts.ndjson" => export::contacts(tx, after).await,
            "conversations.ndjson" => export::conversations(tx, after).await,
            "messages.ndjson" => export::messages(tx, after).await,
            "notes.ndjson" => export::notes(tx, after).await,
            "labels.ndjson" => export::labels(tx, after).await,
            "unanswered.ndjson" => export::unanswered(tx, after).await,
            _ => Err(Error::internal("an export has no such file")),
        }
    }
}

/// The inbox's part of a deletion.
pub struct EraseInbox;

impl Erase for EraseInbox {
    const KIND: &'static str = "erase_inbox";
    const NEXT: Option<&'static str> = Some("erase_catalog");

    async fn piece(&self, tx: &mut TenantTx, most: i64) -> Result<u64, Error> {
        let gone = erase::piece(tx, most).await?;
        if gone > 0 {
            return Ok(gone);
        }
        let pages = routing::pages(tx).await?;
        let ids: Vec<String> = pages.iter().map(|(_, id)| id.clone()).collect();
        redact::set_aside(tx, &ids, |item| {
            pages.iter().any(|(platform, id)| (item.platform, &item.page_id) == (*platform, id))
        })
        .await
    }
}
