//! Notes about conversations: for colleagues, never sent and never shown to the assistant.

use chatdesk_platform::{Caller, Error, Identity, Invalid, Role, grpc, new_id};
use chatdesk_proto::inbox::v1 as wire;
use chatdesk_proto::inbox::v1::note_service_server::NoteService;
use chrono::SubsecRound as _;
use tonic::{Request, Response, Status};
use uuid::Uuid;

use super::cursor::Cursor;
use super::{id_of, limit};
use crate::desk::Desk;
use crate::encode;
use crate::model::Note;
use crate::store;
use crate::timeline::Timeline;

/// The longest note, in characters.
const LONGEST: usize = 4000;

/// Serves `NoteService`.
pub struct Notes {
    desk: Desk,
}

impl Notes {
    /// A handler.
    pub const fn new(desk: Desk) -> Self {
        Self { desk }
    }

    async fn list(&self, caller: &Caller, request: &wire::ListNotesRequest) -> Result<wire::ListNotesResponse, Error> {
        let id = id_of(&request.conversation_id, "conversation")?;
        let mut invalid = Invalid::default();
        let cursor = Cursor::read(&mut invalid, &request.cursor);
        let limit = limit(&mut invalid, request.limit, 50, 200);
        let mut tx = self.desk.db.begin(caller).await?;
        if store::conversations::by_ids(&mut tx, &[id]).await?.is_empty() {
            return Err(Error::NotFound("conversation"));
        }
        invalid.finish()?;
        let after = (cursor.at, Uuid::from_u128(cursor.tie));
        let mut page = store::notes::page(&mut tx, id, after, i64::from(limit) + 1).await?;
        tx.commit().await?;
        let next_cursor = Cursor::cut(&mut page, limit, |note| Cursor { at: note.created_at, tie: note.id.as_u128() });
        Ok(wire::ListNotesResponse { items: page.iter().map(encode::note).collect(), next_cursor })
    }

    async fn add(&self, caller: &Caller, request: &wire::AddNoteRequest) -> Result<wire::Note, Error> {
        let conversation_id = id_of(&request.conversation_id, "conversation")?;
        let mut line = Timeline::begin(&self.desk, caller).await?;
        let thread = store::conversations::lock(&mut line.tx, conversation_id).await?;
        let mut thread = thread.ok_or(Error::NotFound("conversation"))?;
        let text = check(&request.text)?;
        let author = caller.user().map(|user| user.0);
        // To the microsecond, as it is kept.
        let created_at = line.now.trunc_subsecs(6);
        let note = Note { id: new_id(), conversation_id, author, text, created_at };
        store::notes::add(&mut line.tx, &note).await?;
        thread.note_count = thread.note_count.saturating_add(1);
        line.save(&thread).await?;
        line.commit().await?;
        Ok(encode::note(&note))
    }

    async fn delete(&self, caller: &Caller, request: &wire::DeleteNoteRequest) -> Result<(), Error> {
        let conversation = id_of(&request.conversation_id, "conversation")?;
        let id = id_of(&request.id, "note")?;
        let mut line = Timeline::begin(&self.desk, caller).await?;
        let thread = store::conversations::lock(&mut line.tx, conversation).await?;
        let mut thread = thread.ok_or(Error::NotFound("conversation"))?;
        let author = store::notes::author(&mut line.tx, conversation, id).await?.ok_or(Error::NotFound("note"))?;
        if !may_remove(caller, author) {
            return Err(Error::Forbidden);
        }
        if store::notes::remove(&mut line.tx, id).await? {
            thread.note_count = (thread.note_count - 1).max(0);
            line.save(&thread).await?;
        }
        line.commit().await
    }
}

/// One's own, and any for who manages the business or runs it from outside.
fn may_remove(caller: &Caller, author: Option<Uuid>) -> bool {
    match caller.identity() {
        Identity::Member { user, role, .. } => role >= Role::Manager || author == Some(user.0),
        Identity::Service { .. } => true,
        Identity::PlatformAdmin { .. } | Identity::Visitor { .. } => false,
    }
}

fn check(text: &str) -> Result<String, Error> {
    let mut invalid = Invalid::default();
    let text = text.trim();
    match text.chars().count() {
        0 => invalid.add("text", "required", "must not be empty"),
        1..=LONGEST => {}
        _ => invalid.add("text", "too_long", "has more than 4,000 characters"),
    }
    if text.contains('\0') {
        invalid.add("text", "malformed", "must not contain the character U+0000");
    }
    invalid.into_result(Some(text.to_owned()))
}

#[tonic::async_trait]
impl NoteService for Notes {
    async fn list_notes(
        &self,
        request: Request<wire::ListNotesRequest>,
    ) -> Result<Response<wire::ListNotesResponse>, Status> {
        let caller = grpc::caller(&request)?;
        Ok(Response::new(self.list(&caller, request.get_ref()).await?))
    }

    async fn add_note(&self, request: Request<wire::AddNoteRequest>) -> Result<Response<wire::Note>, Status> {
        let caller = grpc::caller(&request)?;
        Ok(Response::new(self.add(&caller, request.get_ref()).await?))
    }

    async fn delete_note(
        &self,
        request: Request<wire::DeleteNoteRequest>,
    ) -> Result<Response<wire::DeleteNoteResponse>, Status> {
        let caller = grpc::caller(&request)?;
        self.delete(&caller, request.get_ref()).await?;
        Ok(Response::new(wire::DeleteNoteResponse {}))
    }
}
