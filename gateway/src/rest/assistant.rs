//! The assistant: its settings, and what it would answer.

use axum::Json;
use chatdesk_proto::ai::v1 as ai;
use chatdesk_proto::tenants::v1 as pb;
use utoipa::ToSchema;

use crate::auth::Session;
use crate::body::{FromFields, Input};
use crate::fields::Fields;
use crate::problem::Problem;
use crate::view::{PreviewView, Settings, show};

/// A question to try.
#[derive(ToSchema)]
pub struct Question {
    /// As a customer would write it.
    text: String,
    /// What was said before, oldest first; the last 10 count.
    #[schema(value_type = Option<Vec<EarlierTurn>>)]
    history: Vec<EarlierTurn>,
}

/// An earlier message.
#[derive(ToSchema)]
pub struct EarlierTurn {
    /// `contact`, `business` or `ai`.
    #[schema(value_type = String, example = "contact")]
    sender_type: ai::Speaker,
    content: String,
}

const SPEAKERS: [(&str, ai::Speaker); 3] =
    [("contact", ai::Speaker::Contact), ("business", ai::Speaker::Business), ("ai", ai::Speaker::Ai)];

impl FromFields for EarlierTurn {
    fn read(fields: &mut Fields) -> Self {
        let sender_type = fields.choice_opt("sender_type", &SPEAKERS);
        if sender_type.is_none() && !fields.has_noted("sender_type") {
            fields.note("sender_type", "required", "is missing");
        }
        Self { sender_type: sender_type.unwrap_or_default(), content: fields.text("content", 0..=10_000) }
    }
}

impl FromFields for Question {
    fn read(fields: &mut Fields) -> Self {
        Self { text: fields.text("text", 1..=10_000), history: fields.list("history", 50, EarlierTurn::read) }
    }
}

/// Settings to change; an absent one stays.
#[derive(ToSchema)]
pub struct SettingsChange {
    tone: Option<String>,
    policies: Option<String>,
    /// BCP 47 tags, at least one.
    languages: Option<Vec<String>>,
    ai_enabled_by_default: Option<bool>,
    opening_hours: Option<String>,
    /// Whether an answer that rests on up to three products with pictures shows their cards.
    send_cards: Option<bool>,
}

impl FromFields for SettingsChange {
    fn read(fields: &mut Fields) -> Self {
        Self {
            tone: fields.text_opt("tone", 0..=500),
            policies: fields.text_opt("policies", 0..=8000),
            languages: fields.texts_opt("languages", 1..=20, 1..=35),
            ai_enabled_by_default: fields.flag_opt("ai_enabled_by_default"),
            opening_hours: fields.text_opt("opening_hours", 0..=500),
            send_cards: fields.flag_opt("send_cards"),
        }
    }
}

/// What the assistant would answer. Nothing is sent.
#[utoipa::path(post, path = "/api/assistant/preview", operation_id = "preview_answer", tag = "assistant",
    security(("bearer" = [])), request_body = Question, responses((status = 200, body = PreviewView)))]
pub async fn preview(session: Session, Input(wish): Input<Question>) -> Result<Json<PreviewView>, Problem> {
    let turn = |turn: EarlierTurn| ai::Turn { speaker: turn.sender_type.into(), text: turn.content };
    let request = ai::AnswerRequest {
        question: wish.text,
        history: wish.history.into_iter().map(turn).collect(),
        ..Default::default()
    };
    show(session.calls.answers()?.answer(request).await?)
}

/// How the assistant speaks for the business.
#[utoipa::path(get, path = "/api/assistant/settings", operation_id = "get_assistant_settings", tag = "assistant",
    security(("bearer" = [])), responses((status = 200, body = Settings)))]
pub async fn settings(session: Session) -> Result<Json<Settings>, Problem> {
    show(session.calls.settings()?.get_assistant_settings(pb::GetAssistantSettingsRequest {}).await?)
}

/// Change how the assistant speaks. Owners and managers only.
#[utoipa::path(put, path = "/api/assistant/settings", operation_id = "update_assistant_settings", tag = "assistant",
    security(("bearer" = [])), request_body = SettingsChange, responses((status = 200, body = Settings)))]
pub async fn update_settings(
    session: Session,
    Input(change): Input<SettingsChange>,
) -> Result<Json<Settings>, Problem> {
    let request = pb::UpdateAssistantSettingsRequest {
        tone: change.tone,
        policies: change.policies,
        languages: change.languages.map(|tags| pb::update_assistant_settings_request::Languages { tags }),
        ai_enabled_by_default: change.ai_enabled_by_default,
        opening_hours: change.opening_hours,
        send_cards: change.send_cards,
    };
    show(session.calls.settings()?.update_assistant_settings(request).await?)
}
