//! What gateways tell each other: that something happened which has no seq. Only ids go through, so each asks the services what there is to see,
//! and shows it to its own sockets.

use std::time::Duration;

use axum::extract::ws::Utf8Bytes;
use chatdesk_platform::TenantId;
use chatdesk_proto::catalog::v1::import_service_client::ImportServiceClient;
use chatdesk_proto::catalog::v1::product_service_client::ProductServiceClient;
use chatdesk_proto::catalog::v1::{GetImportRequest, GetProductRequest};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use tonic::{Code, Status};

use super::hub::{Hub, Room};
use crate::view;

/// How long the services may take to say what there is to see.
const PATIENCE: Duration = Duration::from_secs(5);

/// What another gateway is told.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Note {
    /// A channel changed.
    Channels,
    /// This product changed.
    Product(String),
    /// This import got further.
    Import(String),
    /// A frame with nothing but ids in it, as it goes to sockets.
    Frame(Box<RawValue>),
}

impl Note {
    /// As it travels.
    pub fn encode(&self) -> Vec<u8> {
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// The note that holds this frame, as it travels.
    pub fn frame(text: &Utf8Bytes) -> Vec<u8> {
        serde_json::from_str(text.as_str()).map(|raw| Self::Frame(raw).encode()).unwrap_or_default()
    }
}

/// What a frame says of a catalogue that many products of change: one for a while, not one for each.
#[derive(Serialize)]
pub struct Changed {
    /// How far it is.
    pub import: view::Import,
}

/// Shows this gateway's sockets of a tenant what another one tells of.
pub fn show(hub: &Hub, tenant: TenantId, room: &Room, payload: &[u8]) {
    let asked = match serde_json::from_slice(payload) {
        Ok(Note::Frame(raw)) => return room.pass_on(String::from(Box::<str>::from(raw)).into(), None),
        Ok(Note::Channels) => return room.look_at_channels(),
        Ok(asked) => asked,
        // A gateway of another version may tell of things that this one does not know.
        Err(_) => return tracing::debug!("another gateway tells of something unknown"),
    };
    let (hub, drain) = (hub.clone(), hub.shutdown().clone());
    drain.spawn(async move {
        if let Err(status) = look(&hub, tenant, &asked).await {
            tracing::warn!(code = ?status.code(), "what another gateway tells of could not be looked at");
        }
    });
}

async fn look(hub: &Hub, tenant: TenantId, asked: &Note) -> Result<(), Status> {
    let client = hub.peers().catalog.own_client(Some(tenant), PATIENCE)?;
    let unreadable = |_| Status::internal("it cannot be shown");
    match asked {
        Note::Product(id) => {
            let found = ProductServiceClient::new(client).get_product(GetProductRequest { id: id.clone() }).await;
            match found {
                Ok(found) => {
                    let product = view::Product::try_from(found.into_inner()).map_err(unreadable)?;
                    hub.show(tenant, "product.updated", &product);
                }
                // Removed since; whoever did it tells of that, too.
                Err(status) if status.code() == Code::NotFound => {}
                Err(status) => return Err(status),
            }
        }
        Note::Import(id) => {
            let found = ImportServiceClient::new(client).get_import(GetImportRequest { id: id.clone() }).await?;
            let import = view::Import::try_from(found.into_inner()).map_err(unreadable)?;
            hub.show(tenant, "products.changed", &Changed { import });
        }
        Note::Channels | Note::Frame(_) => {}
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::frame::encode;
    use super::*;

    #[test]
    fn a_note_is_read_as_it_was_written() {
        let id = "0198f000-0000-7000-8000-000000000001";
        for (note, text) in [
            (Note::Channels, json!("channels")),
            (Note::Product(id.to_owned()), json!({ "product": id })),
            (Note::Import(id.to_owned()), json!({ "import": id })),
        ] {
            let written = note.encode();
            assert_eq!(serde_json::from_slice::<serde_json::Value>(&written).unwrap(), text);
            assert!(serde_json::from_slice::<Note>(&written).is_ok());
        }
        let frame = encode(None, "typing", &json!({ "user_id": id })).unwrap();
        let Note::Frame(read) = serde_json::from_slice(&Note::frame(&frame)).unwrap() else { panic!("a frame") };
        assert_eq!(read.get(), frame.as_str());
        for nothing in ["", "{}", "\"other\"", "{\"product\": 7}", "not json"] {
            assert!(serde_json::from_slice::<Note>(nothing.as_bytes()).is_err(), "{nothing}");
        }
    }
}
