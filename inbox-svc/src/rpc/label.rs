//! Labels.

use chatdesk_platform::{Caller, Error, Invalid, grpc, new_id};
use chatdesk_proto::inbox::v1 as wire;
use chatdesk_proto::inbox::v1::label_service_server::LabelService;
use tonic::{Request, Response, Status};
use uuid::Uuid;

use super::id_of;
use crate::desk::Desk;
use crate::encode;
use crate::model::{EventType, Label, LabelColor};
use crate::store;
use crate::timeline::Timeline;

/// Labels of one tenant.
const MOST: i64 = 100;
/// The longest name, in characters.
const LONGEST: usize = 40;
/// So many conversations tell at once that their label changed; the others when they are loaded.
const TOLD: i64 = 1000;

/// Serves `LabelService`.
pub struct Labels {
    desk: Desk,
}

impl Labels {
    /// A handler.
    pub const fn new(desk: Desk) -> Self {
        Self { desk }
    }

    async fn list(&self, caller: &Caller) -> Result<wire::ListLabelsResponse, Error> {
        let mut tx = self.desk.db.begin(caller).await?;
        let labels = store::labels::all(&mut tx).await?;
        tx.commit().await?;
        Ok(wire::ListLabelsResponse { items: labels.iter().map(encode::label).collect() })
    }

    async fn create(&self, caller: &Caller, request: &wire::CreateLabelRequest) -> Result<wire::Label, Error> {
        let label = read(new_id(), &request.name, request.color)?;
        let mut tx = self.desk.db.begin(caller).await?;
        if !store::labels::add(&mut tx, &label).await? {
            return Err(in_use());
        }
        if store::labels::count(&mut tx).await? > MOST {
            let detail = "A business has at most 100 labels.".to_owned();
            return Err(Error::Conflict { code: "too_many_labels", detail });
        }
        tx.commit().await?;
        Ok(encode::label(&label))
    }

    async fn update(&self, caller: &Caller, request: &wire::UpdateLabelRequest) -> Result<wire::Label, Error> {
        let id = id_of(&request.id, "label")?;
        let label = read(id, &request.name, request.color);
        let mut line = Timeline::begin(&self.desk, caller).await?;
        if !store::labels::lock(&mut line.tx, id).await? {
            return Err(Error::NotFound("label"));
        }
        let label = label?;
        store::labels::change(&mut line.tx, &label, in_use).await?;
        for conversation in store::labels::conversations(&mut line.tx, id, TOLD).await? {
            line.note(EventType::ConversationUpdated, conversation);
        }
        line.commit().await?;
        Ok(encode::label(&label))
    }

    async fn delete(&self, caller: &Caller, request: &wire::DeleteLabelRequest) -> Result<(), Error> {
        let id = id_of(&request.id, "label")?;
        let mut line = Timeline::begin(&self.desk, caller).await?;
        let conversations = store::labels::conversations(&mut line.tx, id, TOLD).await?;
        if !store::labels::remove(&mut line.tx, id).await? {
            return Err(Error::NotFound("label"));
        }
        for conversation in conversations {
            line.note(EventType::ConversationUpdated, conversation);
        }
        line.commit().await
    }
}

/// A label as it was given.
fn read(id: Uuid, name: &str, color: i32) -> Result<Label, Error> {
    let mut invalid = Invalid::default();
    let name = name.trim();
    match name.chars().count() {
        0 => invalid.add("name", "required", "must not be empty"),
        1..=LONGEST => {}
        _ => invalid.add("name", "too_long", "has more than 40 characters"),
    }
    if name.contains('\0') {
        invalid.add("name", "malformed", "must not contain the character U+0000");
    }
    let color = match wire::LabelColor::try_from(color) {
        Ok(wire::LabelColor::Gray) => Some(LabelColor::Gray),
        Ok(wire::LabelColor::Red) => Some(LabelColor::Red),
        Ok(wire::LabelColor::Orange) => Some(LabelColor::Orange),
        Ok(wire::LabelColor::Green) => Some(LabelColor::Green),
        Ok(wire::LabelColor::Blue) => Some(LabelColor::Blue),
        Ok(wire::LabelColor::Purple) => Some(LabelColor::Purple),
        Ok(wire::LabelColor::Unspecified) | Err(_) => {
            invalid.add("color", "required", "is gray, red, orange, green, blue or purple");
            None
        }
    };
    let label = color.map(|color| Label { id, name: name.to_owned(), color });
    invalid.into_result(label)
}

fn in_use() -> Error {
    Error::Conflict { code: "name_in_use", detail: "Another label has this name.".to_owned() }
}

#[tonic::async_trait]
impl LabelService for Labels {
    async fn list_labels(
        &self,
        request: Request<wire::ListLabelsRequest>,
    ) -> Result<Response<wire::ListLabelsResponse>, Status> {
        let caller = grpc::caller(&request)?;
        Ok(Response::new(self.list(&caller).await?))
    }

    async fn create_label(&self, request: Request<wire::CreateLabelRequest>) -> Result<Response<wire::Label>, Status> {
        let caller = grpc::caller(&request)?;
        Ok(Response::new(self.create(&caller, request.get_ref()).await?))
    }

    async fn update_label(&self, request: Request<wire::UpdateLabelRequest>) -> Result<Response<wire::Label>, Status> {
        let caller = grpc::caller(&request)?;
        Ok(Response::new(self.update(&caller, request.get_ref()).await?))
    }

    async fn delete_label(
        &self,
        request: Request<wire::DeleteLabelRequest>,
    ) -> Result<Response<wire::DeleteLabelResponse>, Status> {
        let caller = grpc::caller(&request)?;
        self.delete(&caller, request.get_ref()).await?;
        Ok(Response::new(wire::DeleteLabelResponse {}))
    }
}
