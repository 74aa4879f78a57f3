//! What the assistant would say today.

use std::collections::HashMap;

use chatdesk_platform::db::Handler as _;
use chatdesk_platform::{Caller, Error, Invalid, grpc, new_id};
use chatdesk_proto::inbox::v1 as wire;
use chatdesk_proto::inbox::v1::replay_service_server::ReplayService;
use tonic::{Request, Response, Status};
use uuid::Uuid;

use super::{id_of, limit};
use crate::desk::Desk;
use crate::encode;
use crate::model::Message;
use crate::store;
use crate::timeline::Timeline;
use crate::work::Replay;

/// Conversations of one replay.
const MOST: u32 = 100;

/// Serves `ReplayService`.
pub struct Replays {
    desk: Desk,
}

impl Replays {
    /// A handler.
    pub const fn new(desk: Desk) -> Self {
        Self { desk }
    }

    async fn start(&self, caller: &Caller, request: wire::StartReplayRequest) -> Result<wire::Replay, Error> {
        let mut invalid = Invalid::default();
        let limit = limit(&mut invalid, request.limit, MOST, MOST);
        invalid.finish()?;
        let mut line = Timeline::begin(&self.desk, caller).await?;
        let now = line.now;
        let Some(replay) = store::replays::begin(&mut line.tx, new_id(), i64::from(limit), now).await? else {
            let detail = "Another replay runs already.".to_owned();
            return Err(Error::Conflict { code: "replay_running", detail });
        };
        let (_, total) = store::replays::items(&mut line.tx, replay.id).await?;
        line.schedule(Replay::KIND, replay.id, now).await?;
        line.commit().await?;
        Ok(encode::replay(&replay, total, Vec::new()))
    }

    async fn get(&self, caller: &Caller, id: &str) -> Result<wire::Replay, Error> {
        let id = id_of(id, "replay")?;
        let mut tx = self.desk.db.begin(caller).await?;
        let replay = store::replays::get(&mut tx, id).await?.ok_or(Error::NotFound("replay"))?;
        let (items, total) = store::replays::items(&mut tx, id).await?;
        let ids: Vec<Uuid> = items.iter().flat_map(|item| item.messages.iter().chain(&item.said)).copied().collect();
        let messages = store::messages::by_ids(&mut tx, &ids).await?;
        tx.commit().await?;
        let messages: HashMap<Uuid, Message> = messages.into_iter().map(|message| (message.id, message)).collect();
        let items = items.iter().map(|item| encode::replay_item(item, &messages)).collect();
        Ok(encode::replay(&replay, total, items))
    }
}

#[tonic::async_trait]
impl ReplayService for Replays {
    async fn start_replay(&self, request: Request<wire::StartReplayRequest>) -> Result<Response<wire::Replay>, Status> {
        let caller = grpc::caller(&request)?;
        Ok(Response::new(self.start(&caller, request.into_inner()).await?))
    }

    async fn get_replay(&self, request: Request<wire::GetReplayRequest>) -> Result<Response<wire::Replay>, Status> {
        let caller = grpc::caller(&request)?;
        Ok(Response::new(self.get(&caller, &request.get_ref().id).await?))
    }
}
