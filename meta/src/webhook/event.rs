//! What happens to messages and conversations beside the messages themselves: unsends, edits, reactions, taps, receipts,
//! referrals, handovers and the page's standing. Owns their fields; refuses an event without the ids that it is about.
//! Sources: Messenger Platform "message_edits", "message_reactions", "message_reads", "message_deliveries",
//! "messaging_postbacks", "messaging_referrals", "messaging_handovers", "messaging_policy_enforcement"; Instagram
//! Messaging "Webhooks" (`messaging_seen` names a message, not a watermark).

use super::{
    Entry, Kind,
    lenient::{Object, list},
    message::{LONGEST_MID, LONGEST_TITLE, cut, web_link},
};
use crate::Platform;

/// The longest reference, payload or title kept, in characters: Meta documents 1000 for payloads.
const LONGEST_PAYLOAD: usize = 2000;
/// The longest reaction kept, in characters; an emoji of a family has 7.
const LONGEST_REACTION: usize = 32;
/// Mids taken from one receipt (judgement).
const MOST_MIDS: usize = 1000;

/// A reader of one event, given its entry, its item and the event itself.
pub(super) type Read = fn(&Entry, &Object<'_>, &Object<'_>) -> Kind;

/// A message was taken back by whoever wrote it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unsend {
    /// The message.
    pub mid: String,
    /// The side that is not the page, where the item names one.
    pub customer: Option<String>,
    /// The item's time, else its entry's, in milliseconds since 1970.
    pub timestamp_ms: Option<i64>,
}

/// A message got another text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// The message.
    pub mid: String,
    /// The side that is not the page, where the item names one.
    pub customer: Option<String>,
    /// The text it has now; never empty, without U+0000.
    pub text: Option<String>,
    /// Which edit it is, from 1. The highest wins, whatever comes last.
    pub number: u32,
    /// As in [`Unsend::timestamp_ms`].
    pub timestamp_ms: Option<i64>,
}

/// A side's reaction to a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reaction {
    /// The message.
    pub mid: String,
    /// The side that is not the page.
    pub customer: String,
    /// The page reacted, not the customer.
    pub by_business: bool,
    /// The emoji, else Meta's name (`love`); none when it was taken back.
    pub reaction: Option<String>,
    /// As in [`Unsend::timestamp_ms`].
    pub timestamp_ms: Option<i64>,
}

/// A tap on a button.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Postback {
    /// Its message id; older versions have none.
    pub mid: Option<String>,
    /// Who tapped.
    pub customer: String,
    /// What the button says.
    pub title: Option<String>,
    /// What the button carries. Missing for apps that did not make the button.
    pub payload: Option<String>,
    /// How a new customer came.
    pub referral: Option<Referral>,
    /// As in [`Unsend::timestamp_ms`].
    pub timestamp_ms: Option<i64>,
}

/// What the customer got or read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// The customer.
    pub customer: String,
    /// Messages named one by one.
    pub mids: Vec<String>,
    /// Everything sent up to then, in milliseconds since 1970.
    pub watermark_ms: Option<i64>,
}

/// Where a customer comes from. At least one field is there.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Referral {
    /// What the link carries (`ref`).
    pub reference: Option<String>,
    /// `SHORTLINK`, `ADS` and so on.
    pub source: Option<String>,
    /// `OPEN_THREAD` and so on (`type`).
    pub kind: Option<String>,
    /// The advertisement.
    pub ad_id: Option<String>,
    /// The advertisement's title.
    pub title: Option<String>,
    /// Its picture, while Meta serves it.
    pub photo_url: Option<String>,
    /// The post it is made of.
    pub post_id: Option<String>,
    /// The catalogue product.
    pub product_id: Option<String>,
}

/// A customer came back through a link or an advertisement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Referred {
    /// The customer.
    pub customer: String,
    /// How.
    pub referral: Referral,
    /// As in [`Unsend::timestamp_ms`].
    pub timestamp_ms: Option<i64>,
}

/// A conversation's owner among the page's apps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Handover {
    /// The customer whose conversation it is.
    pub customer: String,
    /// What happens to it.
    pub change: HandoverChange,
    /// As in [`Unsend::timestamp_ms`].
    pub timestamp_ms: Option<i64>,
}

/// Apps by their ids; none means no app.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HandoverChange {
    /// The owner gives it away.
    Pass {
        /// The new owner.
        to: Option<String>,
        /// The owner until then.
        from: Option<String>,
    },
    /// The primary receiver takes it.
    Take {
        /// The new owner.
        to: Option<String>,
        /// The owner until then.
        from: Option<String>,
    },
    /// Another app asks for it; nothing has changed yet.
    Request {
        /// Which app.
        by: Option<String>,
    },
}

/// Meta's judgement of the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Policy {
    /// What Meta does.
    pub action: PolicyAction,
    /// As in [`Unsend::timestamp_ms`].
    pub timestamp_ms: Option<i64>,
}

/// What Meta does to the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PolicyAction {
    /// It may go on.
    Warning,
    /// It may not send.
    Block,
    /// It may send again.
    Unblock,
    /// Something we do not know.
    Other,
}

/// Who an item is from and to.
pub(super) struct Parties {
    pub sender: Option<String>,
    pub recipient: Option<String>,
    /// The page is the sender.
    pub by_business: bool,
    /// Sender and recipient are one account.
    pub self_message: bool,
}

impl Parties {
    /// The side that is not the page. An account that writes to itself is its own customer.
    pub(super) fn customer(self) -> Option<String> {
        if self.by_business { self.recipient } else { self.sender }
    }
}

pub(super) fn parties(entry: &Entry, item: &Object<'_>) -> Parties {
    let id = |side: &str| item.object(side).and_then(|side| side.id("id"));
    let (sender, recipient) = (id("sender"), id("recipient"));
    let by_business = sender.as_ref() == Some(&entry.id);
    let self_message = sender.is_some() && sender == recipient;
    Parties { sender, recipient, by_business, self_message }
}

fn time(entry: &Entry, item: &Object<'_>) -> Option<i64> {
    item.millis("timestamp").or(entry.time_ms)
}

/// The message an event is about; else why there is none.
fn mid(event: &Object<'_>) -> Result<String, Kind> {
    match event.text("mid").filter(|mid| !mid.is_empty()) {
        None => Err(Kind::Malformed("no_mid")),
        Some(mid) if mid.chars().count() > LONGEST_MID => Err(Kind::Malformed("mid_too_long")),
        Some(mid) => Ok(mid),
    }
}

/// A text of at most so many characters; empty is none.
fn short(event: &Object<'_>, key: &str, most: usize) -> Option<String> {
    event.text(key).filter(|text| !text.is_empty()).map(|text| text.chars().take(most).collect())
}

pub(super) fn edit(entry: &Entry, item: &Object<'_>, event: &Object<'_>) -> Kind {
    let mid = match mid(event) {
        Ok(mid) => mid,
        Err(kind) => return kind,
    };
    Kind::Edit(Box::new(Edit {
        mid,
        customer: parties(entry, item).customer(),
        text: event.text("text").filter(|text| !text.is_empty()).map(cut),
        number: event.count("num_edit").filter(|number| *number > 0).unwrap_or(1),
        timestamp_ms: time(entry, item),
    }))
}

pub(super) fn reaction(entry: &Entry, item: &Object<'_>, event: &Object<'_>) -> Kind {
    let mid = match mid(event) {
        Ok(mid) => mid,
        Err(kind) => return kind,
    };
    let parties = parties(entry, item);
    let by_business = parties.by_business;
    let Some(customer) = parties.customer() else { return Kind::Malformed("no_sender") };
    let shown = short(event, "emoji", LONGEST_REACTION).or_else(|| short(event, "reaction", LONGEST_REACTION));
    let reaction = match event.text("action").as_deref() {
        Some("unreact") => None,
        // Meta's own name for a reaction that it does not name.
        Some("react") => shown.or_else(|| Some("other".to_owned())),
        _ => shown,
    };
    Kind::Reaction(Box::new(Reaction { mid, customer, by_business, reaction, timestamp_ms: time(entry, item) }))
}

pub(super) fn postback(entry: &Entry, item: &Object<'_>, event: &Object<'_>) -> Kind {
    let mid = match mid(event) {
        Ok(mid) => Some(mid),
        Err(Kind::Malformed("no_mid")) => None,
        Err(kind) => return kind,
    };
    let Some(customer) = parties(entry, item).customer() else { return Kind::Malformed("no_sender") };
    Kind::Postback(Box::new(Postback {
        mid,
        customer,
        title: short(event, "title", LONGEST_TITLE),
        payload: short(event, "payload", LONGEST_PAYLOAD),
        referral: event.object("referral").and_then(|referral| source(&referral)),
        timestamp_ms: time(entry, item),
    }))
}

pub(super) fn read(entry: &Entry, item: &Object<'_>, event: &Object<'_>) -> Kind {
    receipt(entry, item, event).map_or_else(Kind::Malformed, Kind::Read)
}

pub(super) fn delivery(entry: &Entry, item: &Object<'_>, event: &Object<'_>) -> Kind {
    receipt(entry, item, event).map_or_else(Kind::Malformed, Kind::Delivery)
}

fn receipt(entry: &Entry, item: &Object<'_>, event: &Object<'_>) -> Result<Receipt, &'static str> {
    let parties = parties(entry, item);
    // What the business read on another device says nothing about what the customer did.
    if parties.by_business {
        return Err("receipt_of_the_business");
    }
    let customer = parties.customer().ok_or("no_sender")?;
    let named = event.get("mids").and_then(list).unwrap_or_default().into_iter().take(MOST_MIDS);
    let named = named.filter_map(|mid| serde_json::from_str::<String>(mid).ok());
    let mids: Vec<String> = event
        .text("mid")
        .into_iter()
        .chain(named)
        .filter(|mid| !mid.is_empty() && mid.chars().count() <= LONGEST_MID)
        .collect();
    let watermark_ms = event.millis("watermark");
    if mids.is_empty() && watermark_ms.is_none() {
        return Err("no_watermark");
    }
    Ok(Receipt { customer, mids, watermark_ms })
}

pub(super) fn referral(entry: &Entry, item: &Object<'_>, event: &Object<'_>) -> Kind {
    let Some(customer) = parties(entry, item).customer() else { return Kind::Malformed("no_sender") };
    let referral = source(event).unwrap_or_default();
    Kind::Referral(Box::new(Referred { customer, referral, timestamp_ms: time(entry, item) }))
}

/// What a `referral` says; none when it says nothing.
fn source(event: &Object<'_>) -> Option<Referral> {
    let ad = event.object("ads_context_data");
    let of_ad = |key: &str, most| ad.as_ref().and_then(|ad| short(ad, key, most));
    let id_of_ad = |key: &str| ad.as_ref().and_then(|ad| ad.id(key));
    let referral = Referral {
        reference: short(event, "ref", LONGEST_PAYLOAD),
        source: short(event, "source", LONGEST_TITLE),
        kind: short(event, "type", LONGEST_TITLE),
        ad_id: event.id("ad_id"),
        title: of_ad("ad_title", LONGEST_TITLE),
        // An advertisement's picture is Meta's own, so a path alone is not to be expected.
        photo_url: of_ad("photo_url", LONGEST_PAYLOAD).and_then(|url| web_link(Platform::Facebook, &url)),
        post_id: id_of_ad("post_id"),
        product_id: event.object("product").and_then(|product| product.id("id")).or_else(|| id_of_ad("product_id")),
    };
    (referral != Referral::default()).then_some(referral)
}

/// The link or advertisement in a message's `referral`; none when only a product is named, which the message keeps apart.
pub(super) fn advertised(event: &Object<'_>) -> Option<Referral> {
    let referral = source(event)?;
    let only_product = Referral { product_id: referral.product_id.clone(), ..Referral::default() };
    (referral != only_product).then_some(referral)
}

pub(super) fn pass(entry: &Entry, item: &Object<'_>, event: &Object<'_>) -> Kind {
    handover(entry, item, HandoverChange::Pass { to: app(event, "new_owner"), from: app(event, "previous_owner") })
}

pub(super) fn take(entry: &Entry, item: &Object<'_>, event: &Object<'_>) -> Kind {
    handover(entry, item, HandoverChange::Take { to: app(event, "new_owner"), from: app(event, "previous_owner") })
}

pub(super) fn request(entry: &Entry, item: &Object<'_>, event: &Object<'_>) -> Kind {
    handover(entry, item, HandoverChange::Request { by: app(event, "requested_owner") })
}

fn app(event: &Object<'_>, role: &str) -> Option<String> {
    event.id(&format!("{role}_app_id")).filter(|id| id != "0")
}

fn handover(entry: &Entry, item: &Object<'_>, change: HandoverChange) -> Kind {
    match parties(entry, item).customer() {
        Some(customer) => Kind::Handover(Handover { customer, change, timestamp_ms: time(entry, item) }),
        None => Kind::Malformed("no_sender"),
    }
}

pub(super) fn policy(entry: &Entry, item: &Object<'_>, event: &Object<'_>) -> Kind {
    let action = match event.text("action").unwrap_or_default().to_ascii_lowercase().as_str() {
        "warning" => PolicyAction::Warning,
        "block" => PolicyAction::Block,
        "unblock" => PolicyAction::Unblock,
        _ => PolicyAction::Other,
    };
    Kind::Policy(Policy { action, timestamp_ms: time(entry, item) })
}
