//! What happens on the business's side at Meta: somebody answers in Meta's own app or with another app, a conversation changes hands, the
//! page is blocked, a history from before it was connected. Owns the bodies.

use std::collections::HashSet;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use chatdesk_meta::Platform;
use chatdesk_meta::webhook::Section;
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Deserializer};
use serde_json::{Value, json};

use super::customer::{Way, section};
use super::{Answer, Refusal, checked, moment, platform, read, room, told};
use crate::content::Content;
use crate::delivery::announce;
use crate::media::Attachment;
use crate::payload::event::{Change, Frame, handover as handed_over};
use crate::payload::message::{self, By};
use crate::payload::{Leaf, PAGE_INBOX_APP};
use crate::thread::From;
use crate::world::Writing;
use crate::{Hub, Shared};

/// Another app than ours.
const OTHER_APP: u64 = 771_100_223_344_556;
/// Messages of one history.
const LONGEST_HISTORY: usize = 200;
const TEXTS: [&str; 6] = [
    "Shop ơi, mẫu này còn không ạ?",
    "Dạ còn ạ, chị lấy cỡ nào để em giữ hàng nhé?",
    "Cho mình cỡ M, giao về Cầu Giấy.",
    "Dạ em chốt đơn cho chị, mai hàng đi ạ.",
    "Mình nhận được rồi, vải đẹp lắm.",
    "Em cảm ơn chị, chị cần gì cứ nhắn shop nhé.",
];

#[derive(Deserialize)]
struct Answering {
    customer_id: String,
    #[serde(default)]
    text: String,
    #[serde(default)]
    attachments: Vec<Attachment>,
    #[serde(default)]
    app: Author,
    app_id: Option<u64>,
    metadata: Option<String>,
    #[serde(flatten)]
    way: Way,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Author {
    #[default]
    Person,
    OtherApp,
    Ours,
}

/// A person of the business answers in Meta's own app.
pub(super) async fn human(State(hub): State<Shared>, Path(page_id): Path<String>, body: Bytes) -> Answer {
    answered(&hub, &page_id, Answering { app: Author::Person, ..read(&body)? })
}

/// The same, or another app does.
pub(super) async fn echo(State(hub): State<Shared>, Path(page_id): Path<String>, body: Bytes) -> Answer {
    answered(&hub, &page_id, read(&body)?)
}

fn answered(hub: &Shared, page_id: &str, answering: Answering) -> Answer {
    let Answering { customer_id, text, attachments, app, app_id, metadata, way } = answering;
    if attachments.is_empty() {
        checked(&text)?;
    }
    room(hub, page_id)?;
    let content = Content { text, attachments, ..Content::default() };
    let (by, from) = match app {
        Author::Person => (app_id.map_or(By::Human, By::App), From::Human),
        Author::OtherApp => (By::App(app_id.unwrap_or(OTHER_APP)), From::Human),
        Author::Ours => (By::App(app_id.unwrap_or(hub.app_id)), From::App),
    };
    let written = hub
        .change(|world| {
            let now = hub.clock.now();
            world.admit(page_id, &customer_id, now);
            let at = way.at.map(|at| at.timestamp_millis());
            let writing =
                Writing { page_id, customer_id: &customer_id, from, content: &content, at, is_dropped: way.drop };
            world.write(&writing, now)
        })
        .ok_or_else(Refusal::no_conversation)?;
    if written.subscribed {
        let item = message::echo(&message::Echo {
            platform: written.platform,
            page_id,
            customer_id: &customer_id,
            mid: &written.mid,
            content: &content,
            metadata: metadata.as_deref(),
            by,
            at: if way.seconds { written.at / 1000 } else { written.at },
        });
        announce(hub, page_id, written.platform, &customer_id, &written.mid, way.leaf(item));
    }
    Ok((StatusCode::CREATED, Json(json!({ "mid": written.mid, "subscribed": written.subscribed }))))
}

#[derive(Deserialize)]
struct HandingOver {
    customer_id: String,
    change: Change,
    #[serde(default, deserialize_with = "named")]
    to: Option<Option<String>>,
    #[serde(default, deserialize_with = "named")]
    from: Option<Option<String>>,
    /// Who asks, of a request.
    by: Option<String>,
    #[serde(default)]
    metadata: String,
    at: Option<DateTime<Utc>>,
}

/// Tells null from nothing: null is nobody.
fn named<'de, D: Deserializer<'de>>(value: D) -> Result<Option<Option<String>>, D::Error> {
    Option::<String>::deserialize(value).map(Some)
}

/// A conversation passes to another app, or is asked for.
pub(super) async fn handover(State(hub): State<Shared>, Path(page_id): Path<String>, body: Bytes) -> Answer {
    let HandingOver { customer_id, change, to, from, by, metadata, at } = read(&body)?;
    platform(&hub, &page_id)?;
    let (ours, inbox) = (hub.app_id.to_string(), PAGE_INBOX_APP.to_string());
    let app = |name: String| if name == "us" { ours.clone() } else { name };
    let (usual_to, usual_from) = match change {
        Change::Pass => (ours.clone(), inbox),
        Change::Take => (inbox, ours.clone()),
        Change::Request => (by.unwrap_or(inbox), ours.clone()),
    };
    let to = to.unwrap_or(Some(usual_to)).map(app);
    let from = from.unwrap_or(Some(usual_from)).map(app);
    let frame =
        Frame { page_id: &page_id, customer_id: &customer_id, by_page: false, at: moment(&hub, at), in_seconds: false };
    let item = handed_over(&frame, change, to.as_deref(), from.as_deref(), &metadata);
    let subscribed = told(&hub, &page_id, &customer_id, "", Leaf::messaging(item), None);
    Ok((StatusCode::CREATED, Json(json!({ "subscribed": subscribed }))))
}

#[derive(Deserialize)]
struct Judging {
    action: Judgement,
    reason: Option<String>,
    at: Option<DateTime<Utc>>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Judgement {
    Warning,
    Block,
    Unblock,
}

/// Meta warns, blocks or unblocks the page.
pub(super) async fn policy(State(hub): State<Shared>, Path(page_id): Path<String>, body: Bytes) -> Answer {
    let Judging { action, reason, at } = read(&body)?;
    platform(&hub, &page_id)?;
    let name = match action {
        Judgement::Warning => "warning",
        Judgement::Block => "block",
        Judgement::Unblock => "unblock",
    };
    let mut what = json!({ "action": name });
    if let Some(reason) = reason {
        what["reason"] = json!(reason);
    }
    let item = of_page(&hub, &page_id, at).of_page("policy_enforcement", what);
    let subscribed = told(&hub, &page_id, "", "", Leaf::messaging(item), None);
    Ok((StatusCode::CREATED, Json(json!({ "subscribed": subscribed }))))
}

fn of_page<'a>(hub: &Hub, page_id: &'a str, at: Option<DateTime<Utc>>) -> Frame<'a> {
    Frame { page_id, customer_id: "", by_page: false, at: moment(hub, at), in_seconds: false }
}

#[derive(Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum What {
    AppRoles {},
    Comment { text: Option<String> },
    Test {},
    Raw { item: Value, section: Option<String> },
}

/// What a page tells beside its conversations.
pub(super) async fn event(State(hub): State<Shared>, Path(page_id): Path<String>, body: Bytes) -> Answer {
    let platform = platform(&hub, &page_id)?;
    let frame = of_page(&hub, &page_id, None);
    let leaf = match read(&body)? {
        What::AppRoles {} => {
            let mut roles = json!({});
            roles[hub.app_id.to_string()] = json!(["primary_receiver"]);
            Leaf::messaging(frame.of_page("app_roles", roles))
        }
        What::Comment { text } => {
            let text = text.unwrap_or_else(|| "Giá bao nhiêu shop?".to_owned());
            let change = match platform {
                Platform::Facebook => json!({ "field": "feed", "value": {
                    "item": "comment", "verb": "add", "comment_id": "122_455", "post_id": "122", "message": text,
                    "from": { "id": "77", "name": "Khách" }, "created_time": frame.at / 1000,
                } }),
                Platform::Instagram => json!({ "field": "comments", "value": {
                    "id": "18066", "text": text, "from": { "id": "77", "username": "khach" }, "media": { "id": "18044" },
                } }),
            };
            Leaf::of(Section::Changes, change)
        }
        What::Test {} => {
            let value = json!({
                "sender": { "id": "12334" }, "recipient": { "id": "23245" }, "timestamp": (frame.at / 1000).to_string(),
                "message": { "mid": "random_mid", "text": "random_text" },
            });
            let change = json!({ "field": "messages", "value": value });
            Leaf { is_test: true, ..Leaf::of(Section::Changes, change) }
        }
        What::Raw { item, section: name } => Leaf::of(section(name.as_deref())?, item),
    };
    let subscribed = told(&hub, &page_id, "", "", leaf, None);
    Ok((StatusCode::CREATED, Json(json!({ "subscribed": subscribed }))))
}

#[derive(Deserialize)]
struct Past {
    customer_id: String,
    count: usize,
    #[serde(default = "month")]
    days: u32,
    #[serde(default)]
    texts: Vec<String>,
}

const fn month() -> u32 {
    30
}

/// A conversation from before the page was connected: nobody is told of it.
pub(super) async fn history(State(hub): State<Shared>, Path(page_id): Path<String>, body: Bytes) -> Answer {
    let Past { customer_id, count, days, texts } = read(&body)?;
    if !(1..=LONGEST_HISTORY).contains(&count) || !(1..=3650).contains(&days) {
        return Err(Refusal::invalid(format!("count must be from 1 to {LONGEST_HISTORY}, days from 1 to 3650")));
    }
    texts.iter().try_for_each(|text| checked(text))?;
    let texts: Vec<&str> = if texts.is_empty() { TEXTS.to_vec() } else { texts.iter().map(String::as_str).collect() };
    let now = hub.clock.now();
    let (from, until) = (now - TimeDelta::days(days.into()), now - TimeDelta::hours(1));
    let step = (until - from) / i32::try_from(count).unwrap_or(i32::MAX);
    let mids: Option<Vec<String>> = hub.change(|world| {
        world.admit(&page_id, &customer_id, now);
        let mut at = until - step * i32::try_from(count).unwrap_or_default();
        let mut mids = Vec::new();
        for (n, text) in texts.iter().cycle().take(count).enumerate() {
            at += step;
            let content = Content::from(*text);
            let writing = Writing {
                page_id: &page_id,
                customer_id: &customer_id,
                from: if n % 2 == 0 { From::Customer } else { From::Human },
                content: &content,
                at: Some(at.timestamp_millis()),
                is_dropped: true,
            };
            mids.push(world.write(&writing, now)?.mid);
        }
        Some(mids)
    });
    let mids = mids.ok_or_else(Refusal::no_conversation)?;
    Ok((StatusCode::CREATED, Json(json!({ "mids": mids }))))
}

#[derive(Deserialize)]
struct Fields {
    fields: HashSet<String>,
}

/// Meta's side of the subscription changes without a call.
pub(super) async fn subscribe(
    State(hub): State<Shared>,
    Path(page_id): Path<String>,
    body: Bytes,
) -> Result<StatusCode, Refusal> {
    let Fields { fields } = read(&body)?;
    if hub.subscribe(&page_id, Some(fields)) { Ok(StatusCode::NO_CONTENT) } else { Err(Refusal::no_page()) }
}

pub(super) async fn unsubscribe(State(hub): State<Shared>, Path(page_id): Path<String>) -> Result<StatusCode, Refusal> {
    if hub.subscribe(&page_id, None) { Ok(StatusCode::NO_CONTENT) } else { Err(Refusal::no_page()) }
}
