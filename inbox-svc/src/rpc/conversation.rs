//! Conversations: their cards, and the assistant's switch.

use std::collections::HashMap;

use chatdesk_platform::db::{Handler as _, TenantTx};
use chatdesk_platform::{Caller, Error, grpc};
use chatdesk_proto::inbox::v1 as wire;
use chatdesk_proto::inbox::v1::conversation_service_server::ConversationService;
use chatdesk_proto::inbox::v1::{GetConversationRequest, SetAiEnabledRequest};
use tonic::{Request, Response, Status};
use uuid::Uuid;

use super::{id_of, list, update};
use crate::desk::Desk;
use crate::encode;
use crate::model::{Author, Conversation, FRESH, Label, Tag, Thread};
use crate::signs::Sign;
use crate::store;
use crate::timeline::Timeline;
use crate::work::Reply;

/// Serves `ConversationService`.
pub struct Conversations {
    desk: Desk,
}

/// The cards of these conversations, in the order of the ids; what is not there is left out.
pub async fn cards(tx: &mut TenantTx, ids: &[Uuid]) -> Result<Vec<Conversation>, Error> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let threads = store::conversations::by_ids(tx, ids).await?;
    let contacts: Vec<Uuid> = threads.iter().map(|thread| thread.contact_id).collect();
    let messages: Vec<Uuid> = threads.iter().filter_map(|thread| thread.last_message_id).collect();
    let contacts = store::contacts::by_ids(tx, &contacts).await?;
    let contacts: HashMap<Uuid, _> = contacts.into_iter().map(|contact| (contact.id, contact)).collect();
    let messages = store::messages::by_ids(tx, &messages).await?;
    let messages: HashMap<Uuid, _> = messages.into_iter().map(|message| (message.id, message)).collect();
    let mut labels: HashMap<Uuid, Vec<Label>> = HashMap::new();
    for (conversation, label) in store::labels::of(tx, ids).await? {
        labels.entry(conversation).or_default().push(label);
    }
    let undecided: HashMap<Uuid, i64> = store::messages::undecided(tx, ids).await?.into_iter().collect();
    let mut threads: HashMap<Uuid, _> = threads.into_iter().map(|thread| (thread.id, thread)).collect();
    let cards = ids.iter().filter_map(|id| {
        let thread = threads.remove(id)?;
        let contact = contacts.get(&thread.contact_id)?.clone();
        let last_message = thread.last_message_id.and_then(|id| messages.get(&id)).cloned();
        let labels = labels.remove(id).unwrap_or_default();
        let undecided = undecided.get(id).copied().unwrap_or_default();
        Some(Conversation { thread, contact, last_message, labels, undecided })
    });
    Ok(cards.collect())
}

impl Conversations {
    /// A handler.
    pub const fn new(desk: Desk) -> Self {
        Self { desk }
    }

    async fn get(&self, caller: &Caller, request: &GetConversationRequest) -> Result<wire::Conversation, Error> {
        let id = id_of(&request.id, "conversation")?;
        let mut tx = self.desk.db.begin(caller).await?;
        let card = cards(&mut tx, &[id]).await?.pop();
        tx.commit().await?;
        let card = card.ok_or(Error::NotFound("conversation"))?;
        Ok(encode::conversation(&card, self.desk.clock.now()))
    }

    async fn switch(&self, caller: &Caller, request: &SetAiEnabledRequest) -> Result<wire::Conversation, Error> {
        let id = id_of(&request.conversation_id, "conversation")?;
        let mut line = Timeline::begin(&self.desk, caller).await?;
        let thread = store::conversations::lock(&mut line.tx, id).await?;
        let mut thread = thread.ok_or(Error::NotFound("conversation"))?;
        let was = thread.ai_mode(line.now);
        let mut changed = thread.switch_ai(request.is_ai_enabled, line.now);
        let now = line.now;
        if !request.is_ai_enabled {
            line.unschedule_reply(id).await?;
        } else if was != thread.ai_mode(now)
            && thread.assistant_answers(now)
            && self.is_asked(&mut line, &thread).await?
        {
            // Nobody answered what the customer asked a moment ago: the assistant does.
            thread.reply_first_at.get_or_insert(now);
            thread.reply_due_at = Some(now);
            line.schedule(Reply::KIND, id, now).await?;
            changed = true;
        }
        if changed {
            line.save(&thread).await?;
        }
        let card = cards(&mut line.tx, &[id]).await?.pop().ok_or(Error::NotFound("conversation"))?;
        line.commit().await?;
        Ok(encode::conversation(&card, now))
    }

    /// Changes how much of a conversation counts as unread.
    async fn mark(&self, caller: &Caller, id: &str, unread: fn(i32) -> i32) -> Result<wire::Conversation, Error> {
        let id = id_of(id, "conversation")?;
        let mut line = Timeline::begin(&self.desk, caller).await?;
        let thread = store::conversations::lock(&mut line.tx, id).await?;
        let mut thread = thread.ok_or(Error::NotFound("conversation"))?;
        let (before, count) = (thread.unread, unread(thread.unread));
        if count != thread.unread {
            thread.unread = count;
            line.save(&thread).await?;
        }
        let now = line.now;
        let card = cards(&mut line.tx, &[id]).await?.pop().ok_or(Error::NotFound("conversation"))?;
        let gate = store::routing::gate(&mut line.tx, thread.channel_id).await?;
        line.commit().await?;
        let is_open = Tag::allowed(Author::Person, thread.last_opening_at, now).is_some();
        if before > 0 && count == 0 && is_open && gate.is_open() {
            let recipient = card.contact.platform_user_id.clone();
            self.desk.signs.show(caller.tenant(), thread.channel_id, recipient, Sign::Seen);
        }
        Ok(encode::conversation(&card, now))
    }

    async fn is_asked(&self, line: &mut Timeline, thread: &Thread) -> Result<bool, Error> {
        let since = line.now - FRESH;
        let asked = store::messages::questions(&mut line.tx, thread.id, thread.answered_arrival, since).await?;
        Ok(!asked.is_empty() && store::routing::tenant_is_active(&mut line.tx).await?)
    }
}

#[tonic::async_trait]
impl ConversationService for Conversations {
    async fn list_conversations(
        &self,
        request: Request<wire::ListConversationsRequest>,
    ) -> Result<Response<wire::ListConversationsResponse>, Status> {
        let caller = grpc::caller(&request)?;
        Ok(Response::new(list::page(&self.desk, &caller, request.get_ref()).await?))
    }

    async fn count_conversations(
        &self,
        request: Request<wire::CountConversationsRequest>,
    ) -> Result<Response<wire::ConversationCounts>, Status> {
        let caller = grpc::caller(&request)?;
        Ok(Response::new(list::count(&self.desk, &caller).await?))
    }

    async fn update_conversation(
        &self,
        request: Request<wire::UpdateConversationRequest>,
    ) -> Result<Response<wire::Conversation>, Status> {
        let caller = grpc::caller(&request)?;
        Ok(Response::new(update::update(&self.desk, &caller, request.get_ref()).await?))
    }

    async fn mark_read(&self, request: Request<wire::MarkReadRequest>) -> Result<Response<wire::Conversation>, Status> {
        let caller = grpc::caller(&request)?;
        Ok(Response::new(self.mark(&caller, &request.get_ref().conversation_id, |_| 0).await?))
    }

    async fn mark_unread(
        &self,
        request: Request<wire::MarkUnreadRequest>,
    ) -> Result<Response<wire::Conversation>, Status> {
        let caller = grpc::caller(&request)?;
        Ok(Response::new(self.mark(&caller, &request.get_ref().conversation_id, |unread| unread.max(1)).await?))
    }

    async fn get_conversation(
        &self,
        request: Request<GetConversationRequest>,
    ) -> Result<Response<wire::Conversation>, Status> {
        let caller = grpc::caller(&request)?;
        Ok(Response::new(self.get(&caller, request.get_ref()).await?))
    }

    async fn set_ai_enabled(
        &self,
        request: Request<SetAiEnabledRequest>,
    ) -> Result<Response<wire::Conversation>, Status> {
        let caller = grpc::caller(&request)?;
        Ok(Response::new(self.switch(&caller, request.get_ref()).await?))
    }
}
