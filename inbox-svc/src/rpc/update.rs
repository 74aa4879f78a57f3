//! What a person changes in a conversation: closed or open, who looks after it, its labels.

use std::collections::BTreeSet;

use chatdesk_platform::{Caller, Error, Invalid};
use chatdesk_proto::inbox::v1 as wire;
use chatdesk_proto::tenants::v1::account_service_client::AccountServiceClient;
use chatdesk_proto::tenants::v1::{ListMembersRequest, MemberRole};
use uuid::Uuid;

use super::conversation::cards;
use super::id_of;
use crate::desk::Desk;
use crate::encode;
use crate::model::ConversationStatus;
use crate::store;
use crate::timeline::Timeline;

/// Labels of one conversation.
const MOST_LABELS: usize = 20;

/// A change that was read; what is none stays.
struct Change {
    status: Option<ConversationStatus>,
    assignee: Option<Option<Uuid>>,
    labels: Option<Vec<Uuid>>,
}

/// Changes a conversation.
pub async fn update(
    desk: &Desk,
    caller: &Caller,
    request: &wire::UpdateConversationRequest,
) -> Result<wire::Conversation, Error> {
    let id = id_of(&request.conversation_id, "conversation")?;
    let mut invalid = Invalid::default();
    let change = read(&mut invalid, request);
    // Asked outside of the transaction; what is wrong is told after it is known whose conversation it is.
    let stranger = match change.assignee {
        Some(Some(member)) => !may_answer(desk, caller, member).await?,
        _ => false,
    };
    let mut line = Timeline::begin(desk, caller).await?;
    let thread = store::conversations::lock(&mut line.tx, id).await?;
    let mut thread = thread.ok_or(Error::NotFound("conversation"))?;
    if stranger {
        invalid.add("assignee_id", "unknown_member", "is nobody of this business who may answer");
    }
    let labels = change.labels.unwrap_or_default();
    if store::labels::known_among(&mut line.tx, &labels).await? < labels.len() {
        invalid.add("label_ids", "unknown_label", "names a label that is not there");
    }
    invalid.finish()?;
    let before = thread.clone();
    match change.status {
        Some(ConversationStatus::Closed) => {
            thread.close();
            line.unschedule_reply(id).await?;
            line.drop_answers(id).await?;
        }
        Some(ConversationStatus::Open) => thread.reopen(),
        Some(ConversationStatus::NeedsHuman) | None => {}
    }
    if let Some(assignee) = change.assignee {
        thread.assignee = assignee;
    }
    let relabelled = request.labels.is_some() && store::labels::put_on(&mut line.tx, id, &labels).await?;
    if relabelled || thread != before {
        line.save(&thread).await?;
    }
    let now = line.now;
    let card = cards(&mut line.tx, &[id]).await?.pop().ok_or(Error::NotFound("conversation"))?;
    line.commit().await?;
    Ok(encode::conversation(&card, now))
}

fn read(invalid: &mut Invalid, request: &wire::UpdateConversationRequest) -> Change {
    let status = match wire::ConversationStatus::try_from(request.status) {
        Ok(wire::ConversationStatus::Unspecified) => None,
        Ok(wire::ConversationStatus::Open) => Some(ConversationStatus::Open),
        Ok(wire::ConversationStatus::Closed) => Some(ConversationStatus::Closed),
        Ok(wire::ConversationStatus::NeedsHuman) | Err(_) => {
            invalid.add("status", "unknown_value", "is open or closed");
            None
        }
    };
    let assignee = request.assignee.as_ref().map(|assignee| {
        let member = assignee.user_id.parse().ok();
        if member.is_none() && !assignee.user_id.is_empty() {
            invalid.add("assignee_id", "unknown_member", "is nobody of this business who may answer");
        }
        member
    });
    let labels = request.labels.as_ref().map(|labels| {
        let ids: BTreeSet<Uuid> = labels.ids.iter().filter_map(|id| id.parse().ok()).collect();
        if labels.ids.iter().any(|id| id.parse::<Uuid>().is_err()) {
            invalid.add("label_ids", "unknown_label", "names a label that is not there");
        }
        if ids.len() > MOST_LABELS {
            invalid.add("label_ids", "out_of_range", "takes at most 20 labels");
        }
        ids.into_iter().take(MOST_LABELS).collect()
    });
    Change { status, assignee, labels }
}

/// Whether a person belongs to the caller's business and may answer. Who calls does.
async fn may_answer(desk: &Desk, caller: &Caller, person: Uuid) -> Result<bool, Error> {
    if caller.user().is_some_and(|user| user.0 == person) {
        return Ok(true);
    }
    let deadline = desk.config.ask_deadline;
    let asked = async {
        let client = desk.tenants.own_client(caller.tenant(), deadline)?;
        AccountServiceClient::new(client).list_members(ListMembersRequest {}).await
    };
    match tokio::time::timeout(deadline, asked).await {
        Ok(Ok(members)) => {
            let members = members.into_inner().items;
            Ok(members
                .iter()
                .any(|member| member.id.parse() == Ok(person) && member.member_role() != MemberRole::Viewer))
        }
        failed => {
            let code = failed.map(|answer| answer.map_err(|status| status.code()).err());
            tracing::warn!(?code, "cannot read who is a member");
            Err(Error::Unavailable("the members of the business"))
        }
    }
}
