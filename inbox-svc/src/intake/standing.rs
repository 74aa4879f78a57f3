//! What is told of a conversation or a page besides messages: receipts, where a customer comes from, which app has the conversation, and
//! what Meta thinks of the page.

use chatdesk_meta::webhook::{Handover, Item, Kind, Policy, PolicyAction, Receipt, Referred};
use chatdesk_platform::Error;
use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::{Arrival, Given, is_ours, waits_for_contact};
use crate::model::{EventType, ItemOutcome, Referral, Thread, platform_time, watermark};
use crate::store;
use crate::timeline::Timeline;

/// A receipt may change hundreds of messages; only the newest of them are told one by one. Whoever looks at older ones sees it when they
/// are loaded again.
const MOST_TOLD: usize = 50;

/// How far one customer got and read: receipts of one conversation, together. Gives an outcome for each.
pub async fn receipts(line: &mut Timeline, channel: Uuid, items: &[&Item]) -> Result<Vec<Given>, Error> {
    let receipt = |item: &Item| match &item.kind {
        Kind::Read(receipt) => Some((true, receipt.clone())),
        Kind::Delivery(receipt) => Some((false, receipt.clone())),
        _ => None,
    };
    let all: Vec<(bool, Receipt)> = items.iter().filter_map(|item| receipt(item)).collect();
    let Some((_, first)) = all.first() else { return Ok(Vec::new()) };
    let user = first.customer.clone();
    let Some(mut thread) = store::conversations::lock_or_reserve(&mut line.tx, channel, &user).await? else {
        return Ok(all.iter().map(|(_, receipt)| before_the_conversation(receipt)).collect());
    };
    let (read_to, delivered_to) = (thread.read_to, thread.delivered_to);
    let mut delivered = Vec::new();
    let mut given = Vec::with_capacity(all.len());
    for (is_read, receipt) in all {
        let (outcome, up_to) = up_to(line, channel, &thread, &receipt, is_read).await?;
        given.push(outcome);
        if let Some(up_to) = up_to {
            if is_read {
                thread.read(up_to)
            } else {
                thread.delivered(up_to)
            };
        }
        if !is_read {
            delivered.extend(receipt.mids);
        }
    }
    let moved = (read_to, delivered_to) != (thread.read_to, thread.delivered_to);
    if moved || !delivered.is_empty() {
        let (to, read) = (thread.delivered_to, thread.read_to);
        let mut reached = store::messages::reach(&mut line.tx, thread.id, to, read, &delivered).await?;
        reached.sort_unstable();
        for (_, message) in reached.into_iter().rev().take(MOST_TOLD).rev() {
            line.note(EventType::MessageUpdated, message);
        }
    }
    if moved {
        line.save(&thread).await?;
    }
    Ok(given)
}

/// A receipt of a customer who has no conversation: what it speaks of may still come.
fn before_the_conversation(receipt: &Receipt) -> Given {
    match (receipt.watermark_ms, receipt.mids.first()) {
        (Some(_), _) => Given::parked(waits_for_contact(&receipt.customer)),
        (None, Some(mid)) => Given::parked(mid.clone()),
        (None, None) => Given::ignored("empty_receipt"),
    }
}

/// What becomes of a receipt, and up to when it speaks. Messenger names a time; Instagram names a message.
async fn up_to(
    line: &mut Timeline,
    channel: Uuid,
    thread: &Thread,
    receipt: &Receipt,
    is_read: bool,
) -> Result<(Given, Option<DateTime<Utc>>), Error> {
    if let Some(millis) = receipt.watermark_ms {
        let at = watermark(millis, line.now);
        let given = if at.is_some() { Given::of(ItemOutcome::Status, None) } else { Given::ignored("no_time") };
        return Ok((given, at));
    }
    let last = store::messages::last_out(&mut line.tx, channel, thread.id, &receipt.mids).await?;
    match (last, receipt.mids.first()) {
        (Some((at, id)), _) => {
            // What is delivered says nothing of what went out before: only what is read does, which is read in order.
            Ok((Given::of(ItemOutcome::Status, Some(id)), is_read.then_some(at)))
        }
        (None, Some(mid)) => Ok((Given::parked(mid.clone()), None)),
        (None, None) => Ok((Given::ignored("empty_receipt"), None)),
    }
}

/// The customer came through a link or an advertisement, which opens Meta's window (Messenger Platform, "messaging_referrals").
pub async fn referral(line: &mut Timeline, arrival: Arrival<'_>, referred: &Referred) -> Result<Given, Error> {
    let Arrival { channel, item, ai_on, .. } = arrival;
    let at = platform_time(referred.timestamp_ms, line.now);
    let Some(mut thread) = line.thread_with(channel, item.platform, &referred.customer, ai_on, Some(at)).await? else {
        return Ok(Given::erased());
    };
    let is_news = thread.came_from(Referral::from(&referred.referral), at);
    if is_news || thread.last_opening_at < Some(at) {
        thread.opened(at);
        line.save(&thread).await?;
    }
    Ok(Given::of(ItemOutcome::Status, None))
}

/// An app got the conversation.
pub async fn handover(
    line: &mut Timeline,
    arrival: Arrival<'_>,
    handover: &Handover,
    to: Option<&str>,
) -> Result<Given, Error> {
    let Arrival { channel, item, ai_on, .. } = arrival;
    let Some(mut thread) = line.thread_with(channel, item.platform, &handover.customer, ai_on, None).await? else {
        return Ok(Given::erased());
    };
    let at = platform_time(handover.timestamp_ms, line.now);
    let before = (thread.owner_at, thread.owner_app.clone());
    let owner = to.filter(|app| !is_ours(line, app)).unwrap_or_default();
    thread.given_to(owner, at);
    if (thread.owner_at, &thread.owner_app) != (before.0, &before.1) {
        if thread.is_other_apps() {
            line.unschedule_reply(thread.id).await?;
        }
        line.save(&thread).await?;
    }
    Ok(Given::of(ItemOutcome::Status, None))
}

/// What Meta thinks of the page. While it is blocked, nothing is sent.
pub async fn policy(line: &mut Timeline, channel: Uuid, policy: &Policy) -> Result<Given, Error> {
    let state = match policy.action {
        PolicyAction::Warning => "warning",
        PolicyAction::Block => "block",
        PolicyAction::Unblock => "",
        PolicyAction::Other => return Ok(Given::ignored("unknown_policy")),
    };
    let at = platform_time(policy.timestamp_ms, line.now);
    store::routing::set_policy(&mut line.tx, channel, state, at).await?;
    Ok(Given::of(ItemOutcome::Status, None))
}
