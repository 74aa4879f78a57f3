//! Files on their way to Meta, and messages that name them.

use std::time::Duration;

use chatdesk_platform::{Clock, Identity, Role, ServiceName, new_id};
use chatdesk_proto::tenants::v1 as pb;
use chatdesk_proto::tenants::v1::channel_service_client::ChannelServiceClient;
use chatdesk_proto::tenants::v1::send_text_response::{Outcome, Refused, Sent, TryLater, Unknown};
use chatdesk_proto::tenants::v1::upload_attachment_request::Part;
use futures::{StreamExt as _, stream};
use serde_json::json;
use tonic::{Code, Status};

use crate::house::{House, Shop, connect_request, field, fields, problem, start, vars};

const CHUNK: usize = 256 * 1024;
const MB: usize = 1024 * 1024;

pub fn picture(channel: &str, size: usize) -> pb::UploadStart {
    pb::UploadStart {
        channel_id: channel.to_owned(),
        file_name: "áo đỏ.png".to_owned(),
        content_type: "image/png".to_owned(),
        size: size as u64,
    }
}

fn first(start: pb::UploadStart) -> pb::UploadAttachmentRequest {
    pb::UploadAttachmentRequest { part: Some(Part::Start(start)) }
}

fn chunk(bytes: &[u8]) -> pb::UploadAttachmentRequest {
    pb::UploadAttachmentRequest { part: Some(Part::Chunk(bytes.to_vec())) }
}

/// Uploads as this identity: what is announced, and then these bytes in pieces.
pub async fn upload(
    house: &House,
    who: Identity,
    start: pb::UploadStart,
    bytes: &[u8],
) -> Result<pb::UploadedAttachment, Status> {
    let parts: Vec<_> = std::iter::once(first(start)).chain(bytes.chunks(CHUNK).map(chunk)).collect();
    Ok(house.channels(who).upload_attachment(stream::iter(parts)).await?.into_inner())
}

async fn connected(house: &House) -> (Shop, String) {
    let shop = house.shop("lan@gom.vn").await;
    let channel = house.connect(&shop, "104").await.unwrap();
    house.graph.take_seen();
    (shop, channel.id)
}

/// Bytes that differ, so that a piece lost or swapped shows.
fn content(size: usize) -> Vec<u8> {
    (0..size).map(|at| (at % 251) as u8).collect()
}

#[tokio::test]
async fn five_megabytes_arrive_whole_both_ways() {
    let house = House::new().await;
    let (shop, channel) = connected(&house).await;
    let address = house.serve().await;
    let bytes = content(5 * MB);
    for remote in [false, true] {
        let who = shop.member(Role::Agent);
        let client = if remote { house.remote_client(address, who) } else { house.client(who) };
        let parts: Vec<_> =
            std::iter::once(first(picture(&channel, bytes.len()))).chain(bytes.chunks(CHUNK).map(chunk)).collect();
        let kept = ChannelServiceClient::new(client).upload_attachment(stream::iter(parts)).await.unwrap().into_inner();
        assert_eq!((kept.channel_id.as_str(), kept.name.as_str()), (channel.as_str(), "áo đỏ.png"));
        assert_eq!((kept.kind(), kept.size), (pb::AttachmentKind::Image, bytes.len() as u64));
        assert_eq!(kept.content_type, "image/png");
        let arrived = house.graph.take_uploads();
        assert_eq!(arrived.len(), 1);
        assert!(arrived[0].windows(bytes.len()).any(|window| window == bytes), "not what was sent");
        assert_eq!(house.graph.take_seen()[0].line, "POST /graph/v25.0/104/message_attachments");
        let request = pb::GetAttachmentRequest { id: kept.id.clone() };
        let found = house.channels(shop.service(ServiceName::Inbox)).get_attachment(request).await.unwrap();
        assert_eq!(found.into_inner(), kept);
    }
}

#[tokio::test]
async fn what_a_platform_does_not_take_is_refused_before_a_byte_goes_out() {
    let house = House::new().await;
    let (shop, facebook) = connected(&house).await;
    let wish = pb::ConnectChannelRequest { platform: pb::Platform::Instagram.into(), ..connect_request("105") };
    let instagram = house.channels(shop.owner()).connect_channel(wish).await.unwrap().into_inner().id;
    house.graph.take_seen();
    let of = |channel: &str, content_type: &str, size| pb::UploadStart {
        content_type: content_type.to_owned(),
        ..picture(channel, size)
    };
    for (start, expected) in [
        (of(&facebook, "image/png", 25 * MB + 1), field("size", "too_large")),
        (of(&instagram, "image/png", 8 * MB + 1), field("size", "too_large")),
        (of(&facebook, "image/png", 0), field("size", "required")),
        (of(&instagram, "image/webp", 1), field("content_type", "type_not_supported")),
        (of(&instagram, "text/html", 1), field("content_type", "type_not_supported")),
        (of(&facebook, "picture", 1), field("content_type", "type_not_supported")),
        (of(&facebook, "", 1), field("content_type", "required")),
        (pb::UploadStart { file_name: "../".into(), ..picture(&facebook, 1) }, field("file_name", "required")),
    ] {
        let refused = upload(&house, shop.owner(), start.clone(), b"x").await;
        assert_eq!(fields(refused), std::slice::from_ref(&expected), "{start:?}");
    }
    let nothing = stream::iter(Vec::new());
    assert_eq!(fields(house.channels(shop.owner()).upload_attachment(nothing).await), [field("start", "required")]);
    let late = stream::iter([chunk(b"x")]);
    assert_eq!(fields(house.channels(shop.owner()).upload_attachment(late).await), [field("start", "required")]);
    assert!(house.graph.take_seen().is_empty());
    let kept = upload(&house, shop.owner(), of(&instagram, "application/pdf", 1), b"x").await.unwrap();
    assert_eq!(kept.kind(), pb::AttachmentKind::File);
}

#[tokio::test]
async fn who_may_not_and_whose_it_is_not() {
    let house = House::new().await;
    let (shop, channel) = connected(&house).await;
    let other = house.shop("mai@lua.vn").await;
    let refused = upload(&house, shop.member(Role::Viewer), picture(&channel, 1), b"x").await;
    assert_eq!(problem(refused).status, Code::PermissionDenied);
    assert_eq!(
        problem(upload(&house, shop.service(ServiceName::Inbox), picture(&channel, 1), b"x").await).status,
        Code::PermissionDenied
    );
    for id in [channel.as_str(), &new_id().to_string(), "x"] {
        assert_eq!(problem(upload(&house, other.owner(), picture(id, 1), b"x").await).status, Code::NotFound);
    }
    assert!(house.graph.take_seen().is_empty());
    let kept = upload(&house, shop.owner(), picture(&channel, 1), b"x").await.unwrap();
    let get = async |shop: &Shop, id: &str| {
        let request = pb::GetAttachmentRequest { id: id.to_owned() };
        house.channels(shop.service(ServiceName::Inbox)).get_attachment(request).await.map(|_| ())
    };
    assert!(get(&shop, &kept.id).await.is_ok());
    assert_eq!(problem(get(&other, &kept.id).await).status, Code::NotFound);
    assert_eq!(problem(get(&shop, "x").await).status, Code::NotFound);
    let request = pb::GetAttachmentRequest { id: kept.id };
    let refused = house.channels(shop.owner()).get_attachment(request).await;
    assert_eq!(problem(refused).status, Code::PermissionDenied);
}

#[tokio::test]
async fn what_meta_says_of_a_file_is_passed_on() {
    let house = House::new().await;
    let (shop, channel) = connected(&house).await;
    let failed = async || problem(upload(&house, shop.owner(), picture(&channel, 3), b"abc").await);
    house.graph.answer_next(400, json!({"error": {"code": 100, "error_subcode": 2_018_047}}));
    let told = failed().await;
    assert_eq!((told.status, told.code.as_str()), (Code::FailedPrecondition, "invalid_content"));
    assert!(told.detail.contains("this file"), "{}", told.detail);
    house.graph.refuse_next(613);
    let told = failed().await;
    assert_eq!((told.status, told.code.as_str()), (Code::ResourceExhausted, "rate_limited"));
    assert_eq!(told.retry_after.map(|after| after.as_secs()), Some(60));
    house.graph.answer_next(503, json!({}));
    assert_eq!(failed().await.status, Code::Unavailable);
    house.graph.answer_next(200, json!({"thanks": true}));
    assert_eq!(failed().await.status, Code::Unavailable);
    house.graph.refuse_next(190);
    assert_eq!(failed().await.code, "needs_reconnect");
    assert_eq!(house.list(&shop).await[0].health_state(), pb::HealthState::NeedsReconnect);
    house.graph.take_seen();
    assert_eq!(failed().await.code, "needs_reconnect");
    assert!(house.graph.take_seen().is_empty(), "Meta is not asked again");
    let request = pb::DisconnectChannelRequest { id: channel.clone() };
    house.channels(shop.owner()).disconnect_channel(request).await.unwrap();
    assert_eq!(failed().await.code, "channel_disconnected");
    let request = pb::SuspendTenantRequest { tenant_id: shop.tenant.to_string(), reason: "unpaid".into() };
    house.admin().suspend_tenant(request).await.unwrap();
    assert_eq!(failed().await.code, "tenant_suspended");
    let pool = house.db.superuser().await;
    let rows: i64 = sqlx::query_scalar("select count(*) from tenants.attachments").fetch_one(&pool).await.unwrap();
    assert_eq!(rows, 0);
}

#[tokio::test]
async fn half_a_file_is_not_kept() {
    let house = House::new().await;
    let (shop, channel) = connected(&house).await;
    let bytes = content(MB);
    let short = upload(&house, shop.owner(), picture(&channel, MB + 1), &bytes).await;
    assert_eq!(fields(short), [field("chunk", "broken")]);
    let long = upload(&house, shop.owner(), picture(&channel, MB - 1), &bytes).await;
    assert_eq!(fields(long), [field("chunk", "broken")]);
    let parts = [first(picture(&channel, 2 * MB)), chunk(&bytes)];
    let fat = house.channels(shop.owner()).upload_attachment(stream::iter(parts)).await;
    assert_eq!(fields(fat), [field("chunk", "broken")]);
    assert!(house.graph.take_uploads().is_empty());
}

#[tokio::test]
async fn whoever_goes_away_in_the_middle_ends_the_upload() {
    let house = House::new().await;
    let (shop, channel) = connected(&house).await;
    let bytes = content(MB);
    let parts = stream::iter([first(picture(&channel, MB)), chunk(&bytes[..CHUNK])]).chain(stream::pending());
    let mut client = house.channels(shop.owner());
    let call = tokio::spawn(async move { client.upload_attachment(parts).await.map(|_| ()) });
    house.graph.upload_begun().await;
    call.abort();
    house.graph.upload_broken().await;
    assert!(house.graph.take_uploads().is_empty());
}

#[tokio::test]
async fn what_becomes_of_a_message_with_a_file() {
    let house = House::new().await;
    let (shop, channel) = connected(&house).await;
    let kept = upload(&house, shop.owner(), picture(&channel, 3), b"abc").await.unwrap();
    let second = house.connect(&shop, "106").await.unwrap().id;
    house.graph.take_seen();
    let message = |channel: &str, attachment: &str| pb::SendAttachmentRequest {
        channel_id: channel.to_owned(),
        recipient_id: "71".to_owned(),
        attachment_id: attachment.to_owned(),
        metadata: "out-1".to_owned(),
        tag: pb::SendTag::Response.into(),
    };
    let send = async |shop: &Shop, request: pb::SendAttachmentRequest| {
        let mut client = house.channels(shop.service(ServiceName::Inbox));
        client.send_attachment(request).await.map(|answer| answer.into_inner().outcome.unwrap())
    };
    let good = || message(&channel, &kept.id);
    assert_eq!(send(&shop, good()).await.unwrap(), Outcome::Sent(Sent { mid: "m_1".into() }));
    let attachment = json!({"type": "image", "payload": {"attachment_id": "9001"}});
    let expected = json!({
        "recipient": {"id": "71"}, "messaging_type": "RESPONSE",
        "message": {"attachment": attachment, "metadata": "out-1"},
    });
    assert_eq!(house.graph.take_seen()[0].body, expected);

    let code = |outcome: Outcome| match outcome {
        Outcome::Refused(Refused { code, .. }) | Outcome::TryLater(TryLater { code, .. }) => code,
        Outcome::Unknown(Unknown { detail }) => detail,
        Outcome::Sent(_) => "sent".to_owned(),
    };
    house.graph.answer_next(400, json!({"error": {"code": 10, "error_subcode": 2_018_278}}));
    assert_eq!(code(send(&shop, good()).await.unwrap()), "window_closed");
    house.graph.refuse_next(613);
    assert_eq!(code(send(&shop, good()).await.unwrap()), "rate_limited");
    house.hand.advance(chrono::TimeDelta::seconds(60));
    house.graph.answer_next(503, json!({}));
    assert_eq!(code(send(&shop, good()).await.unwrap()), "server_error");
    house.graph.take_seen();

    let other = house.shop("mai@lua.vn").await;
    for (shop, request) in [
        (&other, good()),
        (&shop, message(&second, &kept.id)),
        (&shop, message(&channel, &new_id().to_string())),
        (&shop, message(&channel, "x")),
        (&shop, message(&new_id().to_string(), &kept.id)),
    ] {
        assert_eq!(problem(send(shop, request.clone()).await).status, Code::NotFound, "{request:?}");
    }
    let bad = pb::SendAttachmentRequest { recipient_id: String::new(), tag: 0, ..good() };
    assert_eq!(fields(send(&shop, bad).await), [field("recipient_id", "required"), field("tag", "required")]);
    let refused = house.channels(shop.owner()).send_attachment(good()).await;
    assert_eq!(problem(refused).status, Code::PermissionDenied);
    assert!(house.graph.take_seen().is_empty());

    house.graph.refuse_next(190);
    assert_eq!(code(send(&shop, good()).await.unwrap()), "needs_reconnect");
    assert_eq!(code(send(&shop, good()).await.unwrap()), "needs_reconnect");
    assert_eq!(house.graph.take_seen().len(), 1);
}

#[tokio::test]
async fn an_upload_is_good_for_ninety_days_and_then_forgotten() {
    let house = House::new().await;
    let (shop, channel) = connected(&house).await;
    let kept = upload(&house, shop.owner(), picture(&channel, 3), b"abc").await.unwrap();
    upload(&house, shop.owner(), picture(&channel, 3), b"abc").await.unwrap();
    let get = async || {
        let request = pb::GetAttachmentRequest { id: kept.id.clone() };
        house.channels(shop.service(ServiceName::Inbox)).get_attachment(request).await.map(|_| ())
    };
    let pool = house.db.superuser().await;
    let idle = "select due_at > now() + interval '1 hour' and lease_until is null from routing.due_work
                where kind = 'attachment_expiry'";
    // The turn of the house's own start is over before its clock is moved.
    let rested = async {
        while !sqlx::query_scalar::<_, bool>(idle).fetch_one(&pool).await.unwrap() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), rested).await.unwrap();
    house.hand.advance(chrono::TimeDelta::days(90));
    assert!(get().await.is_ok());
    house.hand.advance(chrono::TimeDelta::seconds(1));
    assert_eq!(problem(get().await).status, Code::NotFound);
    let count = async || {
        sqlx::query_scalar::<_, i64>("select count(*) from tenants.attachments").fetch_one(&pool).await.unwrap()
    };
    let forgotten = async {
        assert_eq!(count().await, 2);
        let old = "update tenants.attachments set created_at = now() - interval '91 days' where id = $1::uuid";
        sqlx::query(old).bind(&kept.id).execute(&pool).await.unwrap();
        start(&vars(&house.db, &house.graph.url), Clock::system(), &house.shutdown).await.unwrap();
        while count().await != 1 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), forgotten).await.unwrap();
}
