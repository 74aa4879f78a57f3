//! Texts that are sent often.

use chatdesk_platform::{Error, Invalid, grpc, new_id};
use chatdesk_proto::tenants::v1 as pb;
use chatdesk_proto::tenants::v1::saved_reply_service_server::SavedReplyService;
use tonic::{Request, Response, Status};

use super::wire;
use crate::Service;
use crate::saved_reply::{self, MOST, SavedReply, Shortcut};
use crate::store::saved_reply::{self as store, Wish};

#[tonic::async_trait]
impl SavedReplyService for Service {
    async fn list_saved_replies(
        &self,
        request: Request<pb::ListSavedRepliesRequest>,
    ) -> Result<Response<pb::ListSavedRepliesResponse>, Status> {
        let caller = grpc::caller(&request)?;
        let mut tx = self.state.db.begin(&caller).await?;
        let found = store::list(&mut tx).await?;
        tx.commit().await?;
        Ok(Response::new(pb::ListSavedRepliesResponse { items: found.into_iter().map(encode).collect() }))
    }

    async fn create_saved_reply(
        &self,
        request: Request<pb::CreateSavedReplyRequest>,
    ) -> Result<Response<pb::SavedReply>, Status> {
        let caller = grpc::caller(&request)?;
        let request = request.into_inner();
        let wish = wish(&request.shortcut, &request.text)?;
        let mut tx = self.state.db.begin(&caller).await?;
        let Some(made) = store::insert(&mut tx, new_id(), &wish, self.state.clock.now()).await? else {
            let detail = format!("A business keeps at most {MOST} saved replies.");
            return Err(Error::Precondition { code: "too_many_saved_replies", detail }.into());
        };
        tx.commit().await?;
        Ok(Response::new(encode(made)))
    }

    async fn update_saved_reply(
        &self,
        request: Request<pb::UpdateSavedReplyRequest>,
    ) -> Result<Response<pb::SavedReply>, Status> {
        let caller = grpc::caller(&request)?;
        let request = request.into_inner();
        let id = wire::id(&request.id, NOUN)?;
        let wish = wish(&request.shortcut, &request.text)?;
        let mut tx = self.state.db.begin(&caller).await?;
        let changed = store::update(&mut tx, id, &wish, self.state.clock.now()).await?;
        let changed = changed.ok_or(Error::NotFound(NOUN))?;
        tx.commit().await?;
        Ok(Response::new(encode(changed)))
    }

    async fn delete_saved_reply(
        &self,
        request: Request<pb::DeleteSavedReplyRequest>,
    ) -> Result<Response<pb::DeleteSavedReplyResponse>, Status> {
        let caller = grpc::caller(&request)?;
        let id = wire::id(&request.get_ref().id, NOUN)?;
        let mut tx = self.state.db.begin(&caller).await?;
        if !store::delete(&mut tx, id).await? {
            return Err(Error::NotFound(NOUN).into());
        }
        tx.commit().await?;
        Ok(Response::new(pb::DeleteSavedReplyResponse {}))
    }
}

const NOUN: &str = "saved reply";

fn wish(shortcut: &str, text: &str) -> Result<Wish, Error> {
    let mut invalid = Invalid::default();
    let shortcut = invalid.check("shortcut", Shortcut::parse(shortcut));
    let text = invalid.check("text", saved_reply::text(text));
    let (shortcut, text) = invalid.into_result(shortcut.zip(text))?;
    Ok(Wish { shortcut, text })
}

fn encode(reply: SavedReply) -> pb::SavedReply {
    pb::SavedReply {
        id: reply.id.to_string(),
        shortcut: reply.shortcut,
        text: reply.text,
        updated_at: Some(wire::timestamp(reply.updated_at)),
    }
}
