//! What a conversation must look like after a history, whatever way it came: ten rules in plain words, and the wire that says it.

use proptest::prelude::*;
use serde_json::{Value, json};

use crate::api::text;

/// Between two happenings of a customer, in milliseconds.
const STEP: i64 = 1000;
/// People answer in Meta's own inbox with this app (Messenger Platform, "Handover Protocol").
const PAGE_INBOX: u64 = 263_902_037_430_900;
const EMOJIS: [&str; 3] = ["❤", "👍", "😮"];

/// One thing that happens in a conversation, at the time of its place in the history. `of` counts round the history's messages.
#[derive(Debug, Clone)]
pub enum Happening {
    /// The customer writes.
    Says,
    /// A person of the business writes in Meta's app.
    Answers,
    /// The customer changes one of their messages for the `number`th time.
    Edits { of: usize, number: u32 },
    /// Whoever wrote it takes it back.
    Unsends { of: usize },
    /// One side reacts, or takes its reaction back.
    Reacts { of: usize, by_business: bool, emoji: Option<usize> },
    /// The customer has what was written in so many first places.
    Gets { up_to: usize },
    /// The customer read it.
    Reads { up_to: usize },
}

/// Any.
pub fn happening() -> impl Strategy<Value = Happening> {
    prop_oneof![
        4 => Just(Happening::Says),
        3 => Just(Happening::Answers),
        2 => (0_usize..8, 1_u32..6).prop_map(|(of, number)| Happening::Edits { of, number }),
        1 => (0_usize..8).prop_map(|of| Happening::Unsends { of }),
        2 => (0_usize..8, any::<bool>(), prop::option::of(0..EMOJIS.len()))
            .prop_map(|(of, by_business, emoji)| Happening::Reacts { of, by_business, emoji }),
        1 => (0_usize..14).prop_map(|up_to| Happening::Gets { up_to }),
        1 => (0_usize..14).prop_map(|up_to| Happening::Reads { up_to }),
    ]
}

/// A message as the API shows it.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    mid: String,
    sender: &'static str,
    content: String,
    status: String,
    is_edited: bool,
    is_deleted: bool,
    /// The customer's first.
    reactions: Vec<(bool, String)>,
}

impl Row {
    /// As it is there.
    pub fn of(message: &Value) -> Self {
        let reactions = message["reactions"].as_array().expect("a list");
        Self {
            mid: text(&message["platform_message_id"]),
            sender: if message["sender_type"] == "contact" { "contact" } else { "business" },
            content: text(&message["content"]),
            status: text(&message["status"]),
            is_edited: message["edited_at"].is_string(),
            is_deleted: message["deleted_at"].is_string(),
            reactions: reactions.iter().map(|one| (one["is_from_contact"] == true, text(&one["reaction"]))).collect(),
        }
    }
}

/// Meta's id of the message that is said at a place.
fn mid(customer: &str, at: usize) -> String {
    format!("m_history_{customer}_{at}")
}

/// The places of messages: all, or the customer's.
fn places(history: &[Happening], all: bool) -> Vec<usize> {
    let is_meant = |one: &Happening| matches!(one, Happening::Says) || (all && matches!(one, Happening::Answers));
    (0..history.len()).filter(|at| is_meant(&history[*at])).collect()
}

/// The place that `of` means; none when there is no message at all.
fn meant(history: &[Happening], of: usize, all: bool) -> Option<usize> {
    let places = places(history, all);
    places.get(of % places.len().max(1)).copied()
}

/// The rules.
pub fn rows(history: &[Happening], customer: &str) -> Vec<Row> {
    let said = |at: usize| match history[at] {
        Happening::Says => ("contact", format!("Câu {at}")),
        _ => ("business", format!("Trả lời {at}")),
    };
    let reach = |up_to: usize, at: usize| at < up_to;
    places(history, true)
        .into_iter()
        .map(|place| {
            let (sender, first) = said(place);
            let about = |of: usize, all: bool| meant(history, of, all) == Some(place);
            let edits = history.iter().filter_map(|one| match one {
                Happening::Edits { of, number } if about(*of, false) => Some(*number),
                _ => None,
            });
            let last_edit = edits.max();
            let is_deleted = history.iter().any(|one| matches!(one, Happening::Unsends { of } if about(*of, true)));
            let content = match last_edit {
                _ if is_deleted => String::new(),
                Some(number) => format!("Sửa lần {number}"),
                None => first,
            };
            let reaction = |business: bool| {
                let mut of_side = history.iter().filter_map(|one| match one {
                    Happening::Reacts { of, by_business, emoji } if about(*of, true) && *by_business == business => {
                        Some(*emoji)
                    }
                    _ => None,
                });
                of_side.next_back().flatten().map(|emoji| (!business, EMOJIS[emoji].to_owned()))
            };
            let is = |wanted: fn(&Happening) -> Option<usize>| {
                history.iter().filter_map(wanted).any(|up_to| reach(up_to, place))
            };
            let read = is(|one| if let Happening::Reads { up_to } = one { Some(*up_to) } else { None });
            let got = is(|one| if let Happening::Gets { up_to } = one { Some(*up_to) } else { None });
            let status = match (sender, read, got) {
                ("contact", ..) => "received",
                (_, true, _) => "read",
                (_, _, true) => "delivered",
                _ => "sent",
            };
            Row {
                mid: mid(customer, place),
                sender,
                content,
                status: status.to_owned(),
                is_edited: last_edit.is_some(),
                is_deleted,
                reactions: [reaction(false), reaction(true)].into_iter().flatten().collect(),
            }
        })
        .collect()
}

/// How Meta says it: an item of `messaging`.
pub fn item(history: &[Happening], at: usize, page: &str, customer: &str, begun: i64) -> Value {
    let time = |place: usize| begun + i64::try_from(place).expect("small") * STEP;
    let said =
        |of: usize, all: bool| meant(history, of, all).map_or_else(|| "m_of_nobody".to_owned(), |at| mid(customer, at));
    // Up to the places before it, and not the one itself.
    let watermark = |up_to: usize| time(up_to) - STEP / 2;
    let (by_page, key, what) = match &history[at] {
        Happening::Says => (false, "message", json!({"mid": mid(customer, at), "text": format!("Câu {at}")})),
        Happening::Answers => (
            true,
            "message",
            json!({"mid": mid(customer, at), "text": format!("Trả lời {at}"), "is_echo": true, "app_id": PAGE_INBOX}),
        ),
        Happening::Edits { of, number } => (
            false,
            "message_edit",
            json!({"mid": said(*of, false), "text": format!("Sửa lần {number}"), "num_edit": number}),
        ),
        Happening::Unsends { of } => {
            let by_page = meant(history, *of, true).is_some_and(|place| matches!(history[place], Happening::Answers));
            (by_page, "message", json!({"mid": said(*of, true), "is_deleted": true}))
        }
        Happening::Reacts { of, by_business, emoji } => {
            let what = match emoji {
                Some(emoji) => {
                    json!({"action": "react", "reaction": "other", "emoji": EMOJIS[*emoji], "mid": said(*of, true)})
                }
                None => json!({"action": "unreact", "mid": said(*of, true)}),
            };
            (*by_business, "reaction", what)
        }
        Happening::Gets { up_to } => (false, "delivery", json!({"watermark": watermark(*up_to)})),
        Happening::Reads { up_to } => (false, "read", json!({"watermark": watermark(*up_to)})),
    };
    let (sender, recipient) = if by_page { (page, customer) } else { (customer, page) };
    json!({"sender": {"id": sender}, "recipient": {"id": recipient}, "timestamp": time(at), key: what})
}
