//! The stand-in for what the inbox keeps of the assistant's gaps, and its replays.

use chatdesk_platform::Error;
use chatdesk_proto::ai::v1 as ai;
use chatdesk_proto::inbox::v1 as inbox;
use chatdesk_proto::inbox::v1::replay_service_server::ReplayService;
use chatdesk_proto::inbox::v1::unanswered_service_server::UnansweredService;
use tonic::{Request, Response};

use super::{Answer, Fake};
use crate::samples::{CONVERSATION, REPLAY, UNANSWERED, at};

/// What nobody could answer yet.
fn unanswered() -> inbox::UnansweredQuestion {
    inbox::UnansweredQuestion {
        id: UNANSWERED.into(),
        question: "Có bán sỉ không shop?".into(),
        conversation_id: CONVERSATION.into(),
        reason: "nothing_found".into(),
        asked_count: 3,
        first_asked_at: at(1),
        last_asked_at: at(9),
    }
}

/// A replay with what it found.
fn replay() -> inbox::Replay {
    let item = |outcome: ai::Outcome, reason: &str, said: &str| inbox::ReplayItem {
        conversation_id: CONVERSATION.into(),
        question: "Còn áo đỏ không?".into(),
        ai_would_say: "Dạ còn ạ.".into(),
        outcome: outcome.into(),
        reason: reason.into(),
        verdict: "passed".into(),
        what_was_said: said.into(),
        model: "catalogue".into(),
    };
    inbox::Replay {
        id: REPLAY.into(),
        state: inbox::ReplayState::Done.into(),
        total: 2,
        items: vec![item(ai::Outcome::Answered, "", "Hết rồi ạ."), item(ai::Outcome::Handover, "nothing_found", "")],
        created_at: at(1),
        ended_at: at(20),
    }
}

#[tonic::async_trait]
impl UnansweredService for Fake {
    async fn list_unanswered(
        &self,
        request: Request<inbox::ListUnansweredRequest>,
    ) -> Answer<inbox::ListUnansweredResponse> {
        self.0.seen("ListUnanswered", &request).await?;
        let items = vec![unanswered()];
        Ok(Response::new(inbox::ListUnansweredResponse { items, next_cursor: String::new() }))
    }

    async fn get_unanswered(&self, request: Request<inbox::GetUnansweredRequest>) -> Answer<inbox::UnansweredQuestion> {
        self.0.seen("GetUnanswered", &request).await?;
        let known = request.into_inner().id == UNANSWERED;
        if known { Ok(Response::new(unanswered())) } else { Err(Error::NotFound("question").into()) }
    }

    async fn close_unanswered(
        &self,
        request: Request<inbox::CloseUnansweredRequest>,
    ) -> Answer<inbox::CloseUnansweredResponse> {
        self.0.seen("CloseUnanswered", &request).await?;
        Ok(Response::new(inbox::CloseUnansweredResponse {}))
    }

    async fn dismiss_unanswered(
        &self,
        request: Request<inbox::DismissUnansweredRequest>,
    ) -> Answer<inbox::DismissUnansweredResponse> {
        self.0.seen("DismissUnanswered", &request).await?;
        Ok(Response::new(inbox::DismissUnansweredResponse {}))
    }
}

#[tonic::async_trait]
impl ReplayService for Fake {
    async fn start_replay(&self, request: Request<inbox::StartReplayRequest>) -> Answer<inbox::Replay> {
        self.0.seen("StartReplay", &request).await?;
        let state = inbox::ReplayState::Running.into();
        Ok(Response::new(inbox::Replay { state, items: Vec::new(), ended_at: None, ..replay() }))
    }

    async fn get_replay(&self, request: Request<inbox::GetReplayRequest>) -> Answer<inbox::Replay> {
        self.0.seen("GetReplay", &request).await?;
        Ok(Response::new(replay()))
    }
}
