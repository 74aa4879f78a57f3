//! What customers do: write, react, change and take back, read, tap a button, come through a link. Owns the bodies; the words on the wire are
//! [`payload`](crate::payload)'s.

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use chatdesk_meta::Platform;
use chatdesk_meta::webhook::Section;
use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Answer, LONGEST_TEXT, Refusal, checked, moment, platform, read, room, told};
use crate::Shared;
use crate::content::Content;
use crate::delivery::announce;
use crate::media::Attachment;
use crate::payload::Leaf;
use crate::payload::event::{self, Frame};
use crate::payload::message;
use crate::thread::{From, Side};
use crate::world::Writing;

/// The longest address of a customer's file, in bytes.
const LONGEST_URL: usize = 2000;
/// Files in one message of a customer's.
const MOST_ATTACHMENTS: usize = 30;

#[derive(Default, Deserialize)]
struct Said {
    page_id: String,
    #[serde(default)]
    text: String,
    #[serde(default)]
    attachments: Vec<Attachment>,
    quick_reply: Option<String>,
    reply_to: Option<Value>,
    referral: Option<Value>,
    #[serde(flatten)]
    way: Way,
    /// Set by events only.
    #[serde(skip)]
    is_unsupported: bool,
}

/// How an event goes.
#[derive(Default, Deserialize)]
pub(super) struct Way {
    /// Meta keeps it and never sends the webhook.
    #[serde(default)]
    pub(super) drop: bool,
    /// It comes in `standby`.
    #[serde(default)]
    pub(super) standby: bool,
    /// When it happened, if not now.
    pub(super) at: Option<DateTime<Utc>>,
    /// Tells its time in seconds.
    #[serde(default)]
    pub(super) seconds: bool,
}

impl Way {
    pub(super) const fn leaf(&self, item: Value) -> Leaf {
        Leaf::of(if self.standby { Section::Standby } else { Section::Messaging }, item)
    }
}

/// A customer writes: the message goes to the webhook of the page.
pub(super) async fn write(State(hub): State<Shared>, Path(customer_id): Path<String>, body: Bytes) -> Answer {
    say(&hub, &customer_id, read(&body)?)
}

fn say(hub: &Shared, customer_id: &str, said: Said) -> Answer {
    if !said.is_unsupported {
        if said.attachments.is_empty() {
            checked(&said.text)?;
        } else {
            all_checked(&said.text, &said.attachments)?;
        }
    }
    room(hub, &said.page_id)?;
    let Said { page_id, text, attachments, quick_reply, reply_to, referral, way, is_unsupported } = said;
    let content = Content { text, attachments, quick_reply, reply_to, referral, is_unsupported, ..Content::default() };
    let written = hub
        .change(|world| {
            let now = hub.clock.now();
            world.admit(&page_id, customer_id, now);
            let writing = Writing {
                page_id: &page_id,
                customer_id,
                from: From::Customer,
                content: &content,
                at: way.at.map(|at| at.timestamp_millis()),
                is_dropped: way.drop,
            };
            world.write(&writing, now)
        })
        .ok_or_else(Refusal::no_conversation)?;
    if written.subscribed {
        let at = if way.seconds { written.at / 1000 } else { written.at };
        let item = message::message(&page_id, customer_id, &written.mid, &content, at);
        announce(hub, &page_id, written.platform, customer_id, &written.mid, way.leaf(item));
    }
    Ok((StatusCode::CREATED, Json(json!({ "mid": written.mid, "subscribed": written.subscribed }))))
}

fn all_checked(text: &str, attachments: &[Attachment]) -> Result<(), Refusal> {
    if text.chars().count() > LONGEST_TEXT {
        return Err(Refusal::invalid(format!("text must have at most {LONGEST_TEXT} characters")));
    }
    let good = |one: &Attachment| {
        let needs_url = usize::from(one.payload.is_none() && one.kind != "like_heart" && one.kind != "ephemeral");
        (1..=64).contains(&one.kind.len()) && (needs_url..=LONGEST_URL).contains(&one.url.len())
    };
    if attachments.len() > MOST_ATTACHMENTS || !attachments.iter().all(good) {
        return Err(Refusal::invalid(format!("attachments: at most {MOST_ATTACHMENTS}, each with a type and a url")));
    }
    Ok(())
}

#[derive(Deserialize)]
struct Happening {
    page_id: String,
    #[serde(flatten)]
    what: What,
    #[serde(default = "customer")]
    by: Side,
    #[serde(flatten)]
    way: Way,
}

const fn customer() -> Side {
    Side::Customer
}

#[derive(Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum What {
    Reaction {
        mid: String,
        reaction: Option<String>,
        emoji: Option<String>,
        action: Option<ReactionAction>,
    },
    Edit {
        mid: String,
        text: String,
        num_edit: Option<u32>,
    },
    Unsend {
        mid: String,
    },
    Read {
        mid: Option<String>,
        watermark: Option<i64>,
    },
    Delivery {
        mids: Option<Vec<String>>,
        watermark: Option<i64>,
    },
    Postback {
        title: String,
        payload: Option<String>,
        referral: Option<Value>,
        #[serde(default)]
        without_mid: bool,
    },
    Referral {
        referral: Option<Value>,
    },
    QuickReply {
        text: String,
        payload: String,
    },
    Unsupported {},
    Optin {
        payload: Option<String>,
    },
    Raw {
        item: Value,
        section: Option<String>,
    },
}

#[derive(PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum ReactionAction {
    React,
    Unreact,
}

/// Something happens to a conversation.
pub(super) async fn event(State(hub): State<Shared>, Path(customer_id): Path<String>, body: Bytes) -> Answer {
    let Happening { page_id, what, by, way } = read(&body)?;
    let what = match what {
        What::QuickReply { text, payload } => {
            let said = Said { page_id, text, quick_reply: Some(payload), way, ..Said::default() };
            return say(&hub, &customer_id, said);
        }
        What::Unsupported {} => {
            return say(&hub, &customer_id, Said { page_id, is_unsupported: true, way, ..Said::default() });
        }
        What::Postback { title, payload, referral, without_mid } => {
            checked(&title)?;
            return tap(
                &hub,
                &page_id,
                &customer_id,
                &way,
                (&title, payload.as_deref(), referral.as_ref(), without_mid),
            );
        }
        other => other,
    };
    let platform = platform(&hub, &page_id)?;
    room(&hub, &page_id)?;
    let now = hub.clock.now();
    hub.change(|world| {
        world.admit(&page_id, &customer_id, now);
        world.silence(&page_id, &customer_id, now)
    })
    .ok_or_else(Refusal::no_conversation)?;
    let frame = Frame {
        page_id: &page_id,
        customer_id: &customer_id,
        by_page: by == Side::Page,
        at: moment(&hub, way.at),
        in_seconds: way.seconds,
    };
    let is_facebook = platform == Platform::Facebook;
    let act = |opens: bool, act: &mut dyn FnMut(&mut crate::thread::Thread, u64)| {
        hub.change(|world| {
            world.act(&page_id, &customer_id, |thread, version| {
                act(thread, version);
                if opens && by == Side::Customer {
                    thread.last_wrote = thread.last_wrote.max(way.at.unwrap_or(now));
                }
            })
        });
    };
    let (leaf, field) = match what {
        What::Reaction { mid, reaction, emoji, action } => {
            let set = (action != Some(ReactionAction::Unreact))
                .then(|| (reaction.unwrap_or_else(|| "love".to_owned()), emoji.unwrap_or_else(|| "❤".to_owned())));
            let set = set.as_ref().map(|(name, emoji)| (name.as_str(), emoji.as_str()));
            act(true, &mut |thread, version| thread.react(&mid, by, set.map(|(_, emoji)| emoji), version));
            (way.leaf(event::reaction(&frame, &mid, set)), Some("message_reactions"))
        }
        What::Edit { mid, text, num_edit } => {
            checked(&text)?;
            let mut number = 1;
            act(false, &mut |thread, version| number = thread.edit(&mid, &text, version));
            let item = event::edit(&frame, &mid, &text, num_edit.unwrap_or(number));
            (way.leaf(item), Some(if is_facebook { "message_edits" } else { "message_edit" }))
        }
        What::Unsend { mid } => {
            act(false, &mut |thread, version| thread.unsend(&mid, version));
            (way.leaf(event::unsend(&frame, &mid)), Some("messages"))
        }
        What::Read { watermark, .. } if is_facebook => {
            let item = frame.item("read", json!({ "watermark": watermark.unwrap_or(frame.at) }));
            (way.leaf(item), Some("message_reads"))
        }
        What::Read { mid, .. } => {
            let latest = || {
                hub.read(|world| {
                    let thread = world.page(&page_id)?.threads.get(&customer_id)?;
                    Some(thread.newest_first().find(|item| item.from != From::Customer)?.mid.clone())
                })
            };
            let mid = mid.or_else(latest).ok_or_else(|| Refusal::invalid("the business wrote nothing to be read"))?;
            (way.leaf(frame.item("read", json!({ "mid": mid }))), Some("messaging_seen"))
        }
        What::Delivery { mids, watermark } if is_facebook => {
            let mut delivery = json!({ "watermark": watermark.unwrap_or(frame.at) });
            if let Some(mids) = mids {
                delivery["mids"] = json!(mids);
            }
            (way.leaf(frame.item("delivery", delivery)), Some("message_deliveries"))
        }
        What::Delivery { .. } => return Err(Refusal::invalid("Instagram tells of no deliveries")),
        What::Referral { referral } => {
            let usual = json!({ "ref": "demo", "source": "SHORTLINK", "type": "OPEN_THREAD" });
            act(true, &mut |_, _| {});
            let item = frame.item("referral", referral.unwrap_or(usual));
            (way.leaf(item), Some(if is_facebook { "messaging_referrals" } else { "messaging_referral" }))
        }
        What::Optin { payload } => {
            let optin = json!({
                "type": "notification_messages", "payload": payload.unwrap_or_else(|| "news".to_owned()),
                "notification_messages_token": "7701882340091", "user_token_status": "NOT_REFRESHED", "title": "Tin mới",
            });
            (way.leaf(frame.item("optin", optin)), None)
        }
        What::Raw { item, section } => (Leaf::of(self::section(section.as_deref())?, item), None),
        What::QuickReply { .. } | What::Unsupported {} | What::Postback { .. } => {
            return Err(Refusal::invalid("such an event is a message"));
        }
    };
    let subscribed = !way.drop && told(&hub, &page_id, &customer_id, "", leaf, field);
    Ok((StatusCode::CREATED, Json(json!({ "subscribed": subscribed }))))
}

/// Where an item stands; `messaging` when nothing is said.
pub(super) fn section(name: Option<&str>) -> Result<Section, Refusal> {
    name.map_or(Ok(Section::Messaging), str::parse)
        .map_err(|_| Refusal::invalid("section must be messaging, standby or changes"))
}

/// The customer taps a button: on the phone it is what they said.
fn tap(
    hub: &Shared,
    page_id: &str,
    customer_id: &str,
    way: &Way,
    (title, payload, referral, without_mid): (&str, Option<&str>, Option<&Value>, bool),
) -> Answer {
    room(hub, page_id)?;
    let content = Content::from(title);
    let written = hub
        .change(|world| {
            let now = hub.clock.now();
            world.admit(page_id, customer_id, now);
            let at = way.at.map(|at| at.timestamp_millis());
            let from = From::Customer;
            let writing = Writing { page_id, customer_id, from, content: &content, at, is_dropped: way.drop };
            world.write(&writing, now)
        })
        .ok_or_else(Refusal::no_conversation)?;
    let frame = Frame { page_id, customer_id, by_page: false, at: written.at, in_seconds: way.seconds };
    let mid = (!without_mid).then_some(written.mid.as_str());
    let item = event::postback(&frame, mid, title, payload, referral);
    let subscribed =
        !way.drop && told(hub, page_id, customer_id, &written.mid, way.leaf(item), Some("messaging_postbacks"));
    let mut answer = json!({ "subscribed": subscribed });
    if let Some(mid) = mid {
        answer["mid"] = json!(mid);
    }
    Ok((StatusCode::CREATED, Json(answer)))
}
