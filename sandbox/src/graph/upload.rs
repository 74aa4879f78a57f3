//! `POST /{page}/message_attachments`: takes a file as a form and answers the id that messages name it by. Owns the platforms' limits.
//! Sources: Messenger Platform "Attachment Upload API"; Instagram Messaging "Upload Media".

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use chatdesk_meta::{MediaKind, Platform};
use serde_json::{Value, json};

use super::call::{Call, linked};
use super::error::GraphError;
use super::{Host, with_faults};
use crate::config::Page;
use crate::fault;
use crate::media::Media;
use crate::{Hub, Shared};

pub(crate) async fn upload(State(hub): State<Shared>, call: Call) -> Response {
    with_faults(&hub, &call, fault::Call::Upload, "/message_attachments", async |_| {
        let page = match call.own_page(&hub, "post") {
            Ok(page) => page,
            Err(error) => return error.into_response(),
        };
        // A Page's token reaches its Instagram account only by name.
        let by_name = call.param("platform") == Some("instagram");
        let page = match (call.host, page.platform) {
            (Host::Facebook, Platform::Facebook) if by_name => linked(&hub, &page),
            (host, platform) if by_name == (host == Host::Facebook && platform == Platform::Instagram) => Some(page),
            _ => None,
        };
        let Some(page) = page else { return GraphError::parameter("Invalid parameter platform.").into_response() };
        match judged(&call, &page) {
            Ok(media) => Json(json!({ "attachment_id": kept(&hub, media) })).into_response(),
            Err(error) => error.into_response(),
        }
    })
    .await
}

fn kept(hub: &Hub, media: Media) -> String {
    hub.media(|store| store.keep(media))
}

fn judged(call: &Call, page: &Page) -> Result<Media, GraphError> {
    let message = call.object("message").ok_or_else(|| GraphError::parameter("The parameter message is required."))?;
    let attachment = message.get("attachment").unwrap_or(&Value::Null);
    let kind = attachment["type"].as_str().unwrap_or_default();
    let Ok(named) = kind.parse::<MediaKind>() else {
        return Err(GraphError::parameter("Param message[attachment][type] must be one of image, audio, video, file"));
    };
    let file = call.file.as_ref().filter(|file| !file.body.is_empty());
    let file = file.ok_or_else(|| GraphError::parameter("The parameter filedata is required."))?;
    let content_type = file.content_type.clone().unwrap_or_default();
    let size = u64::try_from(file.body.len()).unwrap_or(u64::MAX);
    match MediaKind::of_type(page.platform, &content_type) {
        Some(found) if found != named && named != MediaKind::File => return Err(GraphError::wrong_media()),
        Some(found) if size > found.largest(page.platform) => return Err(GraphError::too_large()),
        Some(_) => {}
        None => return Err(GraphError::wrong_media()),
    }
    Ok(Media {
        page_id: Some(page.page_id.clone()),
        kind: kind.to_owned(),
        name: file.file_name.clone(),
        content_type,
        bytes: file.body.clone(),
    })
}
