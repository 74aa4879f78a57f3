//! What waited for something that is there now. It comes to its end in the transaction in which that arrives.

use std::collections::HashMap;

use chatdesk_meta::Platform;
use chatdesk_meta::webhook::{self, Item};
use chatdesk_platform::Error;
use uuid::Uuid;

use super::{Arrival, Given, give};
use crate::store;
use crate::store::items::{Again, KeptItem};
use crate::timeline::Timeline;

/// Looks, once for all that arrived in this transaction, whether anything waited for it, and gives that its outcome. An item that cannot be
/// taken costs nobody but itself.
pub async fn take(line: &mut Timeline) -> Result<(), Error> {
    let arrived = line.take_arrived();
    let waiting = store::items::parked_for(&mut line.tx, &arrived).await?;
    let mut pages = HashMap::new();
    for kept in waiting {
        let Some(item) = read_again(line, &mut pages, &kept).await? else { continue };
        let arrival = Arrival { channel: kept.channel_id, item: &item, ai_on: None, active: false };
        let given = alone(line, arrival).await?;
        metrics::counter!("chatdesk_inbox_unparked_total", "kind" => item.kind.name()).increment(1);
        let again = Again {
            event: kept.event,
            index: kept.index,
            kind: Some(item.kind.name()),
            outcome: given.outcome,
            reason: given.reason,
            waits_for: given.waits_for,
            message: given.message,
        };
        store::items::settle_again(&mut line.tx, &again, None).await?;
    }
    Ok(())
}

/// A kept item as it came; none when nobody knows the page any more it came to. `pages` remembers the channels' pages.
pub async fn read_again(
    line: &mut Timeline,
    pages: &mut HashMap<Uuid, Option<(Platform, String)>>,
    kept: &KeptItem,
) -> Result<Option<Item>, Error> {
    let page = match pages.get(&kept.channel_id) {
        Some(page) => page.clone(),
        None => {
            let page = store::routing::page_of(&mut line.tx, kept.channel_id).await?;
            pages.insert(kept.channel_id, page.clone());
            page
        }
    };
    let Some((platform, page)) = page else { return Ok(None) };
    let section = kept.section.parse().map_err(Error::internal)?;
    let entry = kept.entry_at.map(|at| at.timestamp_millis());
    let body = webhook::envelope(platform, &page, section, entry, &kept.item);
    Ok(webhook::parse(platform, &body).items.into_iter().next())
}

/// One item behind a savepoint. What the database will not take is noted as failed; what may work later fails the transaction.
pub async fn alone(line: &mut Timeline, arrival: Arrival<'_>) -> Result<Given, Error> {
    let noted = line.noted();
    store::savepoint::set(&mut line.tx).await?;
    match give(line, arrival).await {
        Ok(given) => {
            store::savepoint::release(&mut line.tx).await?;
            Ok(given)
        }
        Err(error) if error.is_transient() => Err(error),
        Err(error) => {
            store::savepoint::undo(&mut line.tx).await?;
            line.forget_since(noted);
            tracing::error!(
                index = arrival.item.index,
                error = &error as &dyn std::error::Error,
                source = ?std::error::Error::source(&error).map(ToString::to_string),
                "an item cannot be taken"
            );
            Ok(Given::failed(&error))
        }
    }
}
