//! What the assistant would say today to what customers asked.

use axum::Json;
use axum::http::StatusCode;
use chatdesk_proto::inbox::v1 as pb;
use utoipa::ToSchema;

use super::Answer;
use crate::auth::Session;
use crate::body::{FromFields, Input};
use crate::fields::Fields;
use crate::problem::Problem;
use crate::query::Id;
use crate::view::{Replay, show};

/// The most conversations of one replay.
const MOST: i64 = 100;

/// How much to ask anew.
#[derive(ToSchema)]
pub struct NewReplay {
    /// The last question of so many conversations, the newest first: 1 to 100; 100 when absent.
    #[schema(value_type = Option<u32>, minimum = 1, maximum = 100)]
    limit: u32,
}

impl FromFields for NewReplay {
    fn read(fields: &mut Fields) -> Self {
        let limit = fields.count_or_null("limit", MOST).flatten();
        if limit == Some(0) {
            fields.note("limit", "out_of_range", "must be 1 to 100");
        }
        Self { limit: limit.and_then(|limit| u32::try_from(limit).ok()).unwrap_or(100) }
    }
}

/// Ask the assistant the last questions of the last conversations anew. Nothing is sent; the tokens count. Owners and managers only.
#[utoipa::path(post, path = "/api/assistant/replay", operation_id = "start_replay", tag = "assistant",
    security(("bearer" = [])), request_body = NewReplay,
    responses((status = 202, body = Replay), (status = 409, description = "`replay_running`: one at a time")))]
pub async fn start(session: Session, Input(wish): Input<NewReplay>) -> Result<Answer<Replay>, Problem> {
    let request = pb::StartReplayRequest { limit: wish.limit };
    let replay = session.calls.replays()?.start_replay(request).await?.into_inner();
    Ok((StatusCode::ACCEPTED, Json(Replay::try_from(replay)?)))
}

/// How far a replay is, and what it found so far; kept for 30 days. Owners and managers only.
#[utoipa::path(get, path = "/api/assistant/replay/{id}", operation_id = "get_replay", tag = "assistant",
    security(("bearer" = [])), params(("id" = uuid::Uuid, Path)), responses((status = 200, body = Replay)))]
pub async fn get(session: Session, Id(id): Id) -> Result<Json<Replay>, Problem> {
    show(session.calls.replays()?.get_replay(pb::GetReplayRequest { id: id.to_string() }).await?)
}
