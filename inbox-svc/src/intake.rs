//! What one item of a webhook becomes: a message, a change of what is there, or nothing. Shared by ingest, by what is worked off again,
//! and by every transaction in which something arrives that an item waited for.
//!
//! Every item has one outcome, in whatever order items come, and the same one again when it comes again.

mod echo;
mod message;
mod parked;
mod revision;
mod standing;

use chatdesk_meta::webhook::{HandoverChange, Item, Kind};
use chatdesk_platform::Error;
use uuid::Uuid;

pub use parked::take as take_parked;
pub use parked::{alone, read_again};
pub use standing::receipts;

use crate::model::ItemOutcome;
use crate::timeline::Timeline;

/// Meta's own inboxes, in which people write: of pages, and of Instagram accounts (Messenger Platform, "Handover Protocol").
const METAS_INBOXES: [&str; 2] = ["263902037430900", "1217981644879628"];
/// Why an item of a customer who was forgotten is not taken. What it says is not kept either.
pub const ERASED: &str = "erased";
/// What begins the name of a conversation that is waited for. No id of a message begins so.
const CONTACT: &str = "contact:";

/// An item that came to a channel.
#[derive(Clone, Copy)]
pub struct Arrival<'a> {
    /// Which channel.
    pub channel: Uuid,
    /// The item.
    pub item: &'a Item,
    /// Whether new conversations begin with the assistant on; none when nobody could say.
    pub ai_on: Option<bool>,
    /// Whether the business may work.
    pub active: bool,
}

/// What became of an item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Given {
    /// Its outcome.
    pub outcome: ItemOutcome,
    /// Why, where that is not plain.
    pub reason: String,
    /// What it waits for; set exactly when it is parked.
    pub waits_for: Option<String>,
    /// The message it made or changed.
    pub message: Option<Uuid>,
}

impl Given {
    const fn of(outcome: ItemOutcome, message: Option<Uuid>) -> Self {
        Self { outcome, reason: String::new(), waits_for: None, message }
    }

    fn ignored(reason: &str) -> Self {
        Self { reason: reason.to_owned(), ..Self::of(ItemOutcome::Ignored, None) }
    }

    fn erased() -> Self {
        Self::ignored(ERASED)
    }

    fn parked(waits_for: String) -> Self {
        Self { waits_for: Some(waits_for), ..Self::of(ItemOutcome::Parked, None) }
    }

    /// It could not be taken.
    pub fn failed(error: &Error) -> Self {
        Self { reason: error.to_string(), ..Self::of(ItemOutcome::Failed, None) }
    }
}

/// Gives an item its outcome within the transaction. What cannot be taken is the caller's to undo.
pub async fn give(line: &mut Timeline, arrival: Arrival<'_>) -> Result<Given, Error> {
    let channel = arrival.channel;
    match &arrival.item.kind {
        Kind::Message(message) => message::message(line, arrival, message).await,
        Kind::Postback(postback) => message::postback(line, arrival, postback).await,
        Kind::Echo(echo) => echo::echo(line, arrival, echo).await,
        Kind::Edit(edit) => revision::edit(line, channel, edit).await,
        Kind::Unsend(unsend) => revision::unsend(line, channel, unsend).await,
        Kind::Reaction(reaction) => revision::reaction(line, channel, reaction).await,
        Kind::Read(_) | Kind::Delivery(_) => {
            let given = receipts(line, channel, &[arrival.item]).await?.pop();
            given.ok_or_else(|| Error::internal("a receipt without an outcome"))
        }
        Kind::Referral(referred) => standing::referral(line, arrival, referred).await,
        Kind::Handover(handover) => match &handover.change {
            HandoverChange::Request { .. } => Ok(Given::ignored("handover_request")),
            HandoverChange::Pass { to, .. } | HandoverChange::Take { to, .. } => {
                standing::handover(line, arrival, handover, to.as_deref()).await
            }
        },
        Kind::Policy(policy) => standing::policy(line, channel, policy).await,
        Kind::Malformed(reason) => Ok(Given::ignored(reason)),
        Kind::Optin => Ok(Given::ignored("optin")),
        Kind::AppRoles => Ok(Given::ignored("app_roles")),
        Kind::Change(_) => Ok(Given::ignored("not_a_conversation")),
        Kind::Test => Ok(Given::ignored("test")),
        Kind::Unknown => Ok(Given::ignored("unknown_kind")),
    }
}

/// Whether an item may begin a conversation.
#[must_use]
pub const fn may_begin(item: &Item) -> bool {
    matches!(item.kind, Kind::Message(_) | Kind::Postback(_) | Kind::Echo(_) | Kind::Referral(_) | Kind::Handover(_))
}

/// Whether an item tells how far the customer got or read.
#[must_use]
pub const fn is_receipt(item: &Item) -> bool {
    matches!(item.kind, Kind::Read(_) | Kind::Delivery(_))
}

/// Whose conversation an item is about; nobody's sorts first.
#[must_use]
pub fn person(item: &Item) -> &str {
    match &item.kind {
        Kind::Message(message) => &message.sender,
        Kind::Echo(echo) => &echo.recipient,
        Kind::Postback(postback) => &postback.customer,
        Kind::Edit(edit) => edit.customer.as_deref().unwrap_or_default(),
        Kind::Unsend(unsend) => unsend.customer.as_deref().unwrap_or_default(),
        Kind::Reaction(reaction) => &reaction.customer,
        Kind::Read(receipt) | Kind::Delivery(receipt) => &receipt.customer,
        Kind::Referral(referred) => &referred.customer,
        Kind::Handover(handover) => &handover.customer,
        Kind::Policy(_)
        | Kind::Optin
        | Kind::AppRoles
        | Kind::Change(_)
        | Kind::Test
        | Kind::Unknown
        | Kind::Malformed(_) => "",
    }
}

/// Whether an item changes a message without saying whose it is. The conversation it locks is known only once the message is found, so it
/// has no place in the order of those who lock several, and must be alone in its transaction.
#[must_use]
pub fn is_nameless(item: &Item) -> bool {
    matches!(item.kind, Kind::Edit(_) | Kind::Unsend(_)) && person(item).is_empty()
}

/// The place of an item among a person's: first what is said, then what changes it, then the receipts, which go together.
#[must_use]
pub const fn turn(item: &Item) -> u8 {
    match item.kind {
        Kind::Edit(_) | Kind::Unsend(_) | Kind::Reaction(_) => 1,
        Kind::Read(_) | Kind::Delivery(_) => 2,
        _ => 0,
    }
}

/// What an item waits for that speaks of a conversation which has not begun.
#[must_use]
pub fn waits_for_contact(user: &str) -> String {
    format!("{CONTACT}{user}")
}

/// Whether an app is ours.
fn is_ours(line: &Timeline, app: &str) -> bool {
    line.config().app_ids.iter().any(|ours| ours == app)
}
