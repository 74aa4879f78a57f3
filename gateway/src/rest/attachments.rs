//! Files for messages. They stream through to the service that knows Meta, a piece at a time, and are never held here.

use std::sync::Arc;

use axum::Json;
use axum::body::BodyDataStream;
use axum::extract::{FromRequestParts as _, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, StatusCode, header};
use chatdesk_platform::{Error, Invalid};
use chatdesk_proto::inbox::v1::GetConversationRequest;
use chatdesk_proto::tenants::v1 as pb;
use chatdesk_proto::tenants::v1::upload_attachment_request::Part;
use tonic::Status;
use utoipa::ToSchema;

use super::Answer;
use super::upload::{FILE_NAME, THROWING, THROWING_STRANGERS, chunks, feed, file_name, length, throw_away};
use crate::app::App;
use crate::auth::Session;
use crate::problem::Problem;
use crate::query::Id;
use crate::view::Upload;

/// The largest body, in bytes. What a platform takes of that is the tenants' service's to know.
const LARGEST: u64 = 26 * 1024 * 1024;

/// The file's bytes, and nothing else.
#[derive(ToSchema)]
#[schema(value_type = String, format = Binary)]
#[expect(dead_code, reason = "it only describes the body, which is never held")]
pub struct FileBody(Vec<u8>);

/// Upload a file, to be sent with `attachment_id`. Facebook takes any file of up to 25 MB; Instagram png, jpeg and gif of up to 8 MB, and
/// sounds, films and pdf of up to 25 MB.
#[utoipa::path(post, path = "/api/conversations/{id}/attachments", operation_id = "upload_attachment", tag = "attachments",
    security(("bearer" = [])),
    params(("id" = uuid::Uuid, Path),
        ("X-File-Name" = String, Header, description = "The file's name in UTF-8, percent-encoded; at most 255 bytes decoded")),
    request_body(content = FileBody, content_type = "application/octet-stream",
        description = "The file, under a Content-Type of its own such as image/png"),
    responses((status = 201, body = Upload), (status = 400, description = "The body did not arrive whole"),
        (status = 408, description = "The body took too long to arrive"),
        (status = 409, description = "The channel cannot be used, or Meta refused the file"),
        (status = 411, description = "No Content-Length"), (status = 413, description = "Too large for the platform"),
        (status = 422, description = "`type_not_supported` by the platform, or fields that cannot be taken"),
        (status = 429, description = "Meta's limit or the business's share of uploads is reached; Retry-After says how long")))]
pub async fn upload(State(app): State<Arc<App>>, request: Request) -> Result<Answer<Upload>, Problem> {
    let (mut parts, body) = request.into_parts();
    let mut body = body.into_data_stream();
    // Whoever is refused holds no place any more while the rest of the body is thrown away.
    let (answer, throwing) = match Session::from_request_parts(&mut parts, &app).await {
        Ok(session) => (taken(&session, &mut parts, &mut body, &app).await, THROWING),
        Err(stranger) => (Err(stranger), THROWING_STRANGERS),
    };
    if answer.is_err() {
        throw_away(body, throwing).await;
    }
    answer
}

async fn taken(
    session: &Session,
    parts: &mut Parts,
    body: &mut BodyDataStream,
    app: &Arc<App>,
) -> Result<Answer<Upload>, Problem> {
    let Id(id) = Id::from_request_parts(parts, app).await?;
    let tenant = session.calls.identity().tenant().ok_or_else(|| Problem::from(Status::from(Error::Forbidden)))?;
    let _place = app.places.take(tenant)?;
    let request = GetConversationRequest { id: id.to_string() };
    let conversation = session.calls.conversations()?.get_conversation(request).await?.into_inner();
    let Announced { file_name, content_type, size } = announced(&parts.headers)?;
    let start = pb::UploadStart { channel_id: conversation.channel_id, file_name, content_type, size };
    let (sender, parts) = chunks();
    let mut channels = session.calls.clone().within(app.limits.upload).channels()?;
    let mut call = std::pin::pin!(channels.upload_attachment(parts));
    let kept = tokio::select! {
        // Refused before all of it was read.
        kept = &mut call => kept,
        // A body that breaks drops the call, which the service sees as the end of it.
        fed = feed(body, size, part(Part::Start(start)), |bytes| part(Part::Chunk(bytes)), sender, app.limits.upload_pause) => {
            fed?;
            call.await
        }
    };
    let kept = kept.map_err(|status| refused(&status))?.into_inner();
    Ok((StatusCode::CREATED, Json(Upload::try_from(kept)?)))
}

struct Announced {
    file_name: String,
    content_type: String,
    size: u64,
}

/// What the headers say of the file, or all that is wrong with them.
fn announced(headers: &HeaderMap) -> Result<Announced, Problem> {
    let text = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let size = length(headers)?;
    if size > LARGEST {
        return Err(too_large());
    }
    let mut invalid = Invalid::default();
    let file_name = invalid.check("X-File-Name", file_name(text(FILE_NAME)));
    let content_type = match text(header::CONTENT_TYPE) {
        "" => Err(("required", "is the file's type, such as image/png".to_owned())),
        content_type => Ok(content_type.to_owned()),
    };
    let content_type = invalid.check("Content-Type", content_type);
    if size == 0 {
        invalid.add("body", "required", "the file is empty");
    }
    let (file_name, content_type) =
        invalid.into_result(file_name.zip(content_type)).map_err(|error| Problem::from(Status::from(error)))?;
    Ok(Announced { file_name, content_type, size })
}

const fn part(part: Part) -> pb::UploadAttachmentRequest {
    pb::UploadAttachmentRequest { part: Some(part) }
}

/// The service names the field; what a platform does not take has a status and a code of its own outside.
fn refused(status: &Status) -> Problem {
    let told = chatdesk_platform::Problem::from(status);
    let named = |code: &str| told.fields.iter().any(|field| field.code == code);
    let problem = if named("type_not_supported") {
        let detail = "the platform does not take files of this type";
        Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "type_not_supported", detail)
    } else if named("too_large") {
        too_large()
    } else {
        return told.into();
    };
    problem.and(told.into())
}

const fn too_large() -> Problem {
    Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", "the file is larger than the platform takes")
}
