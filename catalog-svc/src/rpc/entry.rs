//! Entries: read, added, changed, removed.

use chatdesk_platform::db::{Db, DueItem, TenantTx, Wakes, schedule, unschedule};
use chatdesk_platform::grpc::caller;
use chatdesk_platform::{Clock, Error, Invalid, fold, new_id, page};
use chatdesk_proto::catalog::v1 as proto;
use chatdesk_proto::catalog::v1::entry_service_server::EntryService;
use chrono::{DateTime, Utc};
use tonic::{Request, Response, Status};
use uuid::Uuid;

use super::product::{embedding, timestamp};
use super::{MOST, parse_id_of};
use crate::model::{EmbeddingStatus, Entry, EntryContent, EntryKind, Refusal};
use crate::store::{entries, products};
use crate::work::EMBED;

/// Of one tenant. All of them are read for a question, and for a filtered list.
const MOST_ENTRIES: i64 = 2_000;

/// The longest text that a list is filtered by, in characters.
const LONGEST_FILTER: usize = 200;

/// Answers `EntryService`.
#[derive(Clone)]
pub struct Entries {
    db: Db,
    wakes: Wakes,
    clock: Clock,
}

impl Entries {
    /// Over the database; wakes whoever embeds.
    pub const fn new(db: Db, wakes: Wakes, clock: Clock) -> Self {
        Self { db, wakes, clock }
    }

    /// Queues the entry's text in the transaction that made it, or takes it out when its kind is not embedded.
    async fn queue(&self, tx: &mut TenantTx, entry: &Entry) -> Result<(), Error> {
        let item = DueItem { kind: EMBED, tenant: Some(tx.tenant()), entity: entry.id };
        unschedule(tx.conn(), item).await?;
        if entry.content.kind.is_embedded() {
            schedule(tx.conn(), item, self.clock.now()).await?;
            let wakes = self.wakes.clone();
            tx.after_commit(move || wakes.wake(EMBED));
        }
        Ok(())
    }

    /// To the microsecond, as Postgres keeps it, so that an answer now equals the answer later.
    fn now(&self) -> DateTime<Utc> {
        let now = self.clock.now();
        DateTime::from_timestamp_micros(now.timestamp_micros()).unwrap_or(now)
    }
}

#[tonic::async_trait]
impl EntryService for Entries {
    async fn list_entries(
        &self,
        request: Request<proto::ListEntriesRequest>,
    ) -> Result<Response<proto::ListEntriesResponse>, Status> {
        let caller = caller(&request)?;
        let request = request.into_inner();
        let mut invalid = Invalid::default();
        let before = invalid.check("cursor", page::after(&request.cursor));
        let limit = invalid.check("limit", page::limit(request.limit, 50, MOST));
        let kind = invalid.check("kind", kind(request.kind));
        let words = invalid.check("query", filter(&request.query));
        let ((before, limit), (kind, words)) = invalid.into_result(before.zip(limit).zip(kind.zip(words)))?;
        // They are few, so those that fit are picked out here.
        let read = if words.is_empty() { i64::from(limit) + 1 } else { MOST_ENTRIES };
        let mut tx = self.db.begin(&caller).await?;
        let mut found = entries::list(&mut tx, kind, before, read).await?;
        tx.commit().await?;
        found.retain(|entry| fits(entry, &words));
        let is_last = found.len() <= limit as usize;
        found.truncate(limit as usize);
        let next_cursor = found.last().filter(|_| !is_last).map(|last| page::cursor(last.id)).unwrap_or_default();
        Ok(Response::new(proto::ListEntriesResponse { items: found.into_iter().map(encode).collect(), next_cursor }))
    }

    async fn create_entry(
        &self,
        request: Request<proto::CreateEntryRequest>,
    ) -> Result<Response<proto::Entry>, Status> {
        let caller = caller(&request)?;
        let request = request.into_inner();
        let content = content(request.kind, Some(&request.title), Some(&request.body), None)?;
        let now = self.now();
        let id = chosen(&request.id)?;
        let entry = Entry { id, embedding: first_status(content.kind), content, created_at: now, updated_at: now };
        let mut tx = self.db.begin(&caller).await?;
        // Both are embedded under their ids.
        if !request.id.is_empty() && products::has_id(&mut tx, id).await? {
            return Err(in_use("a product has this id").into());
        }
        if !entries::insert(&mut tx, &entry, MOST_ENTRIES).await? {
            if let Some(known) = entries::lock(&mut tx, id).await? {
                if known.content == entry.content {
                    return Ok(Response::new(encode(known)));
                }
                return Err(in_use("an entry with this id says something else").into());
            }
            let detail = format!("there are {MOST_ENTRIES} entries already");
            return Err(Error::Precondition { code: "too_many_entries", detail }.into());
        }
        self.queue(&mut tx, &entry).await?;
        tx.commit().await?;
        Ok(Response::new(encode(entry)))
    }

    async fn update_entry(
        &self,
        request: Request<proto::UpdateEntryRequest>,
    ) -> Result<Response<proto::Entry>, Status> {
        let caller = caller(&request)?;
        let request = request.into_inner();
        let id = parse_id_of("entry", &request.id)?;
        let mut tx = self.db.begin(&caller).await?;
        let mut entry = entries::lock(&mut tx, id).await?.ok_or(Error::NotFound("entry"))?;
        let content = content(request.kind, request.title.as_deref(), request.body.as_deref(), Some(&entry.content))?;
        if content != entry.content {
            entry.embedding = first_status(content.kind);
            entry.content = content;
            entry.updated_at = self.now();
            entries::update(&mut tx, &entry).await?;
            self.queue(&mut tx, &entry).await?;
        }
        tx.commit().await?;
        Ok(Response::new(encode(entry)))
    }

    async fn delete_entry(
        &self,
        request: Request<proto::DeleteEntryRequest>,
    ) -> Result<Response<proto::DeleteEntryResponse>, Status> {
        let caller = caller(&request)?;
        let id = parse_id_of("entry", &request.into_inner().id)?;
        let mut tx = self.db.begin(&caller).await?;
        if !entries::delete(&mut tx, id).await? {
            return Err(Error::NotFound("entry").into());
        }
        let item = DueItem { kind: EMBED, tenant: Some(tx.tenant()), entity: id };
        unschedule(tx.conn(), item).await?;
        tx.commit().await?;
        Ok(Response::new(proto::DeleteEntryResponse {}))
    }
}

fn in_use(detail: &str) -> Error {
    Error::Conflict { code: "id_in_use", detail: detail.to_owned() }
}

/// The id that the caller chose, or a new one.
fn chosen(id: &str) -> Result<Uuid, Error> {
    if id.is_empty() {
        return Ok(new_id());
    }
    id.parse().map_err(|_| Error::invalid("id", "malformed", "is not an id"))
}

/// Before anybody has embedded it.
const fn first_status(kind: EntryKind) -> EmbeddingStatus {
    if kind.is_embedded() { EmbeddingStatus::Pending } else { EmbeddingStatus::Ready }
}

/// None when it is unspecified.
fn kind(kind: i32) -> Result<Option<EntryKind>, Refusal> {
    match proto::EntryKind::try_from(kind) {
        Ok(proto::EntryKind::Unspecified) => Ok(None),
        Ok(proto::EntryKind::Faq) => Ok(Some(EntryKind::Faq)),
        Ok(proto::EntryKind::Policy) => Ok(Some(EntryKind::Policy)),
        Ok(proto::EntryKind::Synonym) => Ok(Some(EntryKind::Synonym)),
        Err(_) => Err(("unknown", "is not faq, policy or synonym".to_owned())),
    }
}

/// What is asked for over what is there, or everything that is wrong with it.
fn content(
    asked: i32,
    title: Option<&str>,
    body: Option<&str>,
    old: Option<&EntryContent>,
) -> Result<EntryContent, Error> {
    let mut invalid = Invalid::default();
    let wanted = kind(asked).and_then(|wanted| {
        wanted.or(old.map(|old| old.kind)).ok_or_else(|| ("required", "must be faq, policy or synonym".to_owned()))
    });
    let kind = invalid.check("kind", wanted);
    // The limits of the others are looked at even when nobody knows what it shall be.
    let rules = kind.unwrap_or(EntryKind::Faq);
    let title = title.or(old.map(|old| old.title.as_str())).unwrap_or_default();
    let title = invalid.check("title", EntryContent::parse_title(rules, title));
    let body = body.or(old.map(|old| old.body.as_str())).unwrap_or_default();
    let body = invalid.check("body", EntryContent::parse_body(rules, body));
    let content = || Some(EntryContent { kind: kind?, title: title?, body: body? });
    let content = content();
    invalid.into_result(content)
}

fn filter(text: &str) -> Result<Vec<String>, Refusal> {
    if text.chars().count() > LONGEST_FILTER {
        return Err(("too_long", format!("has more than {LONGEST_FILTER} characters")));
    }
    Ok(fold(text).split_whitespace().map(str::to_owned).collect())
}

fn fits(entry: &Entry, words: &[String]) -> bool {
    let text =
        if words.is_empty() { String::new() } else { fold(&format!("{} {}", entry.content.title, entry.content.body)) };
    words.iter().all(|word| text.contains(word))
}

fn encode(entry: Entry) -> proto::Entry {
    let kind = match entry.content.kind {
        EntryKind::Faq => proto::EntryKind::Faq,
        EntryKind::Policy => proto::EntryKind::Policy,
        EntryKind::Synonym => proto::EntryKind::Synonym,
    };
    proto::Entry {
        id: entry.id.to_string(),
        kind: kind.into(),
        title: entry.content.title,
        body: entry.content.body,
        embedding_status: embedding(entry.embedding).into(),
        created_at: Some(timestamp(entry.created_at)),
        updated_at: Some(timestamp(entry.updated_at)),
    }
}
