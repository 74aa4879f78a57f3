//! Files for messages. They stream through to the service that knows Meta, a piece at a time, and are never held here.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::body::BodyDataStream;
use axum::extract::{FromRequestParts as _, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, StatusCode, header};
use bytes::BytesMut;
use chatdesk_platform::{Error, Invalid};
use chatdesk_proto::inbox::v1::GetConversationRequest;
use chatdesk_proto::tenants::v1 as pb;
use chatdesk_proto::tenants::v1::upload_attachment_request::Part;
use futures::{StreamExt as _, stream};
use tokio::sync::mpsc;
use tokio::time::{Instant, timeout};
use tonic::Status;
use utoipa::ToSchema;

use super::Answer;
use crate::app::App;
use crate::auth::Session;
use crate::problem::Problem;
use crate::query::Id;
use crate::view::Upload;

/// The largest body, in bytes. What a platform takes of that is the tenants' service's to know.
const LARGEST: u64 = 26 * 1024 * 1024;
/// One piece on its way, in bytes.
const CHUNK: usize = 256 * 1024;
/// Pieces that may wait for the service; the client waits with the next.
const WAITING: usize = 2;
/// The least bytes a second on average that a file must come with, after its first pause: a drip would hold its place for minutes.
const SLOWEST: u64 = 16 * 1024;
/// How much, and for how long, of a refused body is still read and thrown away: a client that is sending when the connection closes
/// never sees why. Strangers are owed less.
const THROWN_AWAY: u64 = 32 * 1024 * 1024;
const THROWING: Duration = Duration::from_secs(5);
const THROWING_STRANGERS: Duration = Duration::from_secs(1);
/// The longest file name, in bytes.
const LONGEST_NAME: usize = 255;
const FILE_NAME: HeaderName = HeaderName::from_static("x-file-name");

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
    let (sender, receiver) = mpsc::channel(WAITING);
    let parts = stream::unfold(receiver, async |mut receiver: mpsc::Receiver<_>| {
        receiver.recv().await.map(|request| (request, receiver))
    });
    let mut channels = session.calls.clone().within(app.limits.upload).channels()?;
    let mut call = std::pin::pin!(channels.upload_attachment(parts));
    let kept = tokio::select! {
        // Refused before all of it was read.
        kept = &mut call => kept,
        // A body that breaks drops the call, which the service sees as the end of it.
        fed = feed(body, start, sender, app.limits.upload_pause) => {
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
    let size = match text(header::CONTENT_LENGTH) {
        // Without either header there is no body (RFC 9112 §6.3).
        "" if !headers.contains_key(header::TRANSFER_ENCODING) => Some(0),
        size => size.parse().ok(),
    };
    let Some(size) = size else {
        let detail = "send the file's size as Content-Length";
        return Err(Problem::new(StatusCode::LENGTH_REQUIRED, "length_required", detail));
    };
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

/// A header cannot carry other letters than ASCII's, so the name comes percent-encoded (RFC 3986 §2.1).
fn file_name(text: &str) -> Result<String, (&'static str, String)> {
    let malformed = || ("malformed", "must be UTF-8, percent-encoded".to_owned());
    let mut name = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        let Some((&[high, low], after)) = (byte == b'%').then(|| after.split_first_chunk::<2>()).flatten() else {
            if byte == b'%' {
                return Err(malformed());
            }
            name.push(byte);
            rest = after;
            continue;
        };
        let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
        let (high, low) = digit(high).zip(digit(low)).ok_or_else(malformed)?;
        name.push(high << 4 | low);
        rest = after;
    }
    let name = String::from_utf8(name).map_err(|_| malformed())?;
    match name.len() {
        _ if name.trim().is_empty() => Err(("required", "is the file's name".to_owned())),
        length if length > LONGEST_NAME => Err(("too_long", format!("takes at most {LONGEST_NAME} bytes"))),
        _ => Ok(name),
    }
}

/// Passes the body on in pieces, as fast as the service takes them. Ends early, without a complaint, when the service needs no more.
async fn feed(
    body: &mut BodyDataStream,
    start: pb::UploadStart,
    to: mpsc::Sender<pb::UploadAttachmentRequest>,
    pause: Duration,
) -> Result<(), Problem> {
    let size = start.size;
    let mut left = size;
    // What the client took; waiting for the service is not the client's.
    let mut spent = Duration::ZERO;
    let mut waiting = BytesMut::new();
    if to.send(part(Part::Start(start))).await.is_err() {
        return Ok(());
    }
    loop {
        let slow = || Problem::new(StatusCode::REQUEST_TIMEOUT, "slow_body", "the body took too long to arrive");
        let asked = Instant::now();
        let next = timeout(patience(size - left, spent, pause), body.next()).await.map_err(|_| slow())?;
        spent += asked.elapsed();
        match next {
            Some(Ok(bytes)) => {
                left = left.checked_sub(bytes.len() as u64).ok_or_else(broken)?;
                waiting.extend_from_slice(&bytes);
            }
            Some(Err(_)) => return Err(broken()),
            None if left > 0 => return Err(broken()),
            None if waiting.is_empty() => return Ok(()),
            None => {
                let _ = to.send(part(Part::Chunk(waiting.to_vec()))).await;
                return Ok(());
            }
        }
        while waiting.len() >= CHUNK {
            if to.send(part(Part::Chunk(waiting.split_to(CHUNK).to_vec()))).await.is_err() {
                return Ok(());
            }
        }
    }
}

/// How long the next bytes are waited for when so many came in so much time: a pause at most, and no longer than keeps the average.
fn patience(received: u64, spent: Duration, pause: Duration) -> Duration {
    let earned = Duration::from_millis(received.saturating_mul(1000) / SLOWEST);
    (pause + earned).saturating_sub(spent).min(pause)
}

const fn part(part: Part) -> pb::UploadAttachmentRequest {
    pb::UploadAttachmentRequest { part: Some(part) }
}

async fn throw_away(mut body: BodyDataStream, throwing: Duration) {
    let thrown = async {
        let mut seen = 0;
        while let Some(Ok(bytes)) = body.next().await {
            seen += bytes.len() as u64;
            if seen > THROWN_AWAY {
                return;
            }
        }
    };
    let _ = timeout(throwing, thrown).await;
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

const fn broken() -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, "broken_body", "the body did not arrive whole")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_file_must_come_with_an_average() {
        let (pause, seconds) = (Duration::from_secs(15), Duration::from_secs);
        assert_eq!(patience(0, seconds(0), pause), pause);
        assert_eq!(patience(14, seconds(14), pause), seconds(1));
        assert_eq!(patience(100, seconds(15), pause), Duration::from_millis(6));
        assert_eq!(patience(100, seconds(16), pause), seconds(0));
        assert_eq!(patience(10 * SLOWEST, seconds(20), pause), seconds(5));
        assert_eq!(patience(LARGEST, seconds(200), pause), pause, "what came fast allows one pause, not a long one");
    }

    #[test]
    fn names_are_decoded_once() {
        for (text, name) in [("a.png", "a.png"), ("%C3%A1o%20%C4%91%E1%BB%8F.png", "áo đỏ.png"), ("100%2525", "100%25")]
        {
            assert_eq!(file_name(text).unwrap(), name);
        }
        let long = "a".repeat(256);
        for (text, code) in [
            ("", "required"),
            ("%20", "required"),
            ("%", "malformed"),
            ("%4", "malformed"),
            ("%zz", "malformed"),
            ("%+1", "malformed"),
            ("%ff", "malformed"),
            (&long, "too_long"),
        ] {
            assert_eq!(file_name(text).unwrap_err().0, code, "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_name_comes_back(name in "\\PC{1,60}") {
            let encoded: String = name.bytes().map(|byte| format!("%{byte:02X}")).collect();
            match file_name(&encoded) {
                Ok(decoded) => prop_assert_eq!(decoded, name),
                Err((code, _)) => prop_assert!(code == "required" || code == "too_long"),
            }
        }

        #[test]
        fn any_header_is_read_without_a_panic(text in any::<String>()) {
            let _ = file_name(&text);
        }
    }
}
