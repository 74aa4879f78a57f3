//! Lists of conversations: narrowed, searched, counted.

use std::collections::HashMap;

use chatdesk_platform::db::TenantTx;
use chatdesk_platform::{Caller, Error, Invalid};
use chatdesk_proto::inbox::v1 as wire;
use uuid::Uuid;

use super::conversation::cards;
use super::cursor::Cursor;
use super::limit;
use crate::desk::Desk;
use crate::encode;
use crate::model::{Conversation, Filter, Found, Wanted};
use crate::store;
use crate::store::lists::Narrow;

/// The longest question, in characters.
const LONGEST: usize = 200;

/// A page of the list.
pub async fn page(
    desk: &Desk,
    caller: &Caller,
    request: &wire::ListConversationsRequest,
) -> Result<wire::ListConversationsResponse, Error> {
    let mut invalid = Invalid::default();
    let cursor = Cursor::read(&mut invalid, &request.cursor);
    let limit = limit(&mut invalid, request.limit, 50, 200);
    let filter = filter(&mut invalid, request.filter);
    if request.q.chars().count() > LONGEST {
        invalid.add("q", "too_long", "has more than 200 characters");
    }
    let label = id_opt(&mut invalid, "label_id", &request.label_id);
    let channel = id_opt(&mut invalid, "channel_id", &request.channel_id);
    invalid.finish()?;
    let wanted = Wanted::read(&request.q);
    if wanted.is_none() && !request.q.trim().is_empty() {
        // Signs alone: no word begins with them.
        return Ok(wire::ListConversationsResponse::default());
    }
    let now = desk.clock.now();
    let member = caller.user().map(|user| user.0);
    let narrow = Narrow { filter, member, label, channel, wanted: wanted.as_ref(), now };
    let mut tx = desk.db.begin(caller).await?;
    let after = (cursor.at, Uuid::from_u128(cursor.tie));
    let mut page = store::lists::page(&mut tx, &narrow, after, i64::from(limit) + 1).await?;
    let next_cursor = Cursor::cut(&mut page, limit, |(at, id)| Cursor { at: *at, tie: id.as_u128() });
    let ids: Vec<Uuid> = page.into_iter().map(|(_, id)| id).collect();
    let cards = cards(&mut tx, &ids).await?;
    let mut found = match &wanted {
        Some(wanted) => find(&mut tx, wanted, &cards).await?,
        None => HashMap::new(),
    };
    tx.commit().await?;
    let items = cards.iter().map(|card| {
        let found = found.remove(&card.thread.id).map(|found| wire::Found {
            message_id: found.message.map(|id| id.to_string()).unwrap_or_default(),
            text: found.text,
        });
        wire::Conversation { found, ..encode::conversation(card, now) }
    });
    Ok(wire::ListConversationsResponse { items: items.collect(), next_cursor })
}

/// How many conversations each filter would find.
pub async fn count(desk: &Desk, caller: &Caller) -> Result<wire::ConversationCounts, Error> {
    let mut tx = desk.db.begin(caller).await?;
    let member = caller.user().map(|user| user.0);
    let counts = store::lists::counts(&mut tx, member, desk.clock.now()).await?;
    tx.commit().await?;
    Ok(encode::counts(&counts))
}

/// What the words were found in.
async fn find(tx: &mut TenantTx, wanted: &Wanted, cards: &[Conversation]) -> Result<HashMap<Uuid, Found>, Error> {
    let ids: Vec<Uuid> = cards.iter().map(|card| card.thread.id).collect();
    let newest: HashMap<Uuid, Uuid> = store::terms::newest(tx, wanted, &ids).await?.into_iter().collect();
    let messages: Vec<Uuid> = newest.values().copied().collect();
    let messages = store::messages::by_ids(tx, &messages).await?;
    let messages: HashMap<Uuid, _> = messages.into_iter().map(|message| (message.id, message)).collect();
    let found = cards.iter().map(|card| {
        let message = newest.get(&card.thread.id).and_then(|id| messages.get(id));
        let text = message.map_or(&card.contact.display_name, |message| &message.content);
        let found = Found { message: message.map(|message| message.id), text: wanted.excerpt(text) };
        (card.thread.id, found)
    });
    Ok(found.collect())
}

fn filter(invalid: &mut Invalid, given: i32) -> Filter {
    use wire::ConversationFilter as Wire;
    match Wire::try_from(given) {
        Ok(Wire::Unspecified) => Filter::All,
        Ok(Wire::Open) => Filter::Open,
        Ok(Wire::Unread) => Filter::Unread,
        Ok(Wire::Mine) => Filter::Mine,
        Ok(Wire::Ai) => Filter::Ai,
        Ok(Wire::NeedsHuman) => Filter::NeedsHuman,
        Ok(Wire::ClosingSoon) => Filter::ClosingSoon,
        Ok(Wire::Closed) => Filter::Closed,
        Err(_) => {
            invalid.add("filter", "unknown_value", "is not a known filter");
            Filter::All
        }
    }
}

fn id_opt(invalid: &mut Invalid, field: &str, text: &str) -> Option<Uuid> {
    if text.is_empty() {
        return None;
    }
    let id = text.parse().ok();
    if id.is_none() {
        invalid.add(field, "malformed", "is not an id");
    }
    id
}
