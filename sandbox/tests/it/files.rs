//! Files: uploaded by the product's own client, sent by their id, and shown to both sides.

use std::io;

use chatdesk_meta::graph::{RefusedReason, SendOutcome, Tag, UploadFile, UploadOutcome};
use chatdesk_meta::webhook::{self, Kind};
use chatdesk_meta::{Login, MediaKind, Platform};
use chatdesk_sandbox::Page;
use serde_json::{Value, json};

use crate::desk::{Desk, account};

const MB: usize = 1024 * 1024;

fn file(content_type: &str, size: usize) -> UploadFile {
    let kind = MediaKind::of_type(Platform::Facebook, content_type).expect("a content type");
    UploadFile { kind, name: "áo đỏ.png".to_owned(), content_type: content_type.to_owned(), size: size as u64 }
}

async fn upload(desk: &Desk, page: &Page, login: Login, file: &UploadFile) -> UploadOutcome {
    let size = usize::try_from(file.size).expect("small");
    let bytes: Vec<u8> = (0..size).map(|at| (at % 251) as u8).collect();
    let pieces: Vec<io::Result<_>> = bytes.chunks(256 * 1024).map(|piece| Ok(piece.to_vec().into())).collect();
    desk.graph().upload(&account(page, login), file, futures::stream::iter(pieces)).await
}

async fn kept(desk: &Desk, page: &Page, login: Login, file: &UploadFile) -> String {
    match upload(desk, page, login, file).await {
        UploadOutcome::Kept { attachment_id } => attachment_id,
        other => panic!("{other:?}"),
    }
}

fn reason(outcome: &UploadOutcome) -> Option<RefusedReason> {
    match outcome {
        UploadOutcome::Refused { reason, .. } => Some(*reason),
        _ => None,
    }
}

#[tokio::test]
async fn an_upload_is_sent_echoed_and_shown() {
    for (platform, login) in [
        (Platform::Facebook, Login::Facebook),
        (Platform::Instagram, Login::Instagram),
        (Platform::Instagram, Login::Facebook),
    ] {
        let desk = Desk::new().await;
        let page = desk.demo(platform);
        let customer = &page.customers[0].id;
        let id = kept(&desk, &page, login, &file("image/png", 5 * MB)).await;
        let graph = desk.graph();
        let sender = account(&page, login);
        let outcome =
            graph.send_attachment(&sender, customer, (MediaKind::Image, &id), Some("out-1"), Tag::Response).await;
        let SendOutcome::Sent { mid, .. } = outcome else { panic!("{outcome:?}") };
        let url = desk.url(&format!("/sandbox/media/{id}"));
        let expected = json!([{ "type": "image", "url": url, "name": "áo đỏ.png" }]);
        let sent = desk.sent().await.remove(0);
        assert_eq!((&sent["mid"], &sent["text"], &sent["attachments"]), (&json!(mid), &json!(""), &expected));
        let thread = desk.get(&format!("/sandbox/threads/{}/{customer}", page.page_id)).await.1;
        assert_eq!(thread["items"][0]["attachments"], expected);

        let posted = desk.posted(1).await;
        let parsed = webhook::parse(platform, &posted[0].body);
        let Kind::Echo(echo) = &parsed.items[0].kind else { panic!("{:?}", parsed.items) };
        assert_eq!((echo.text.as_deref(), echo.attachments.len()), (None, 1));
        assert_eq!((echo.attachments[0].kind.as_str(), echo.attachments[0].url.as_ref()), ("image", Some(&url)));
        let served = desk.client.get(&url).send().await.expect("an answer");
        assert_eq!(served.headers()["content-type"], "image/png");
        assert_eq!(served.headers()["content-security-policy"], "default-src 'none'; sandbox");
        let bytes = served.bytes().await.expect("a body");
        assert!(bytes.len() == 5 * MB && bytes.iter().enumerate().all(|(at, byte)| usize::from(*byte) == at % 251));
    }
}

#[tokio::test]
async fn files_are_judged_as_the_platform_does() {
    let desk = Desk::new().await;
    let (facebook, instagram) = (desk.demo(Platform::Facebook), desk.demo(Platform::Instagram));
    let refused = Some(RefusedReason::InvalidContent);
    let on_instagram = async |file: &UploadFile| upload(&desk, &instagram, Login::Instagram, file).await;
    assert_eq!(reason(&on_instagram(&file("image/webp", 1)).await), refused);
    assert_eq!(reason(&on_instagram(&file("image/png", 8 * MB + 1)).await), refused);
    assert_eq!(reason(&on_instagram(&file("application/pdf", 1)).await), None);
    let lying = UploadFile { kind: MediaKind::Image, ..file("video/mp4", 1) };
    assert_eq!(reason(&upload(&desk, &facebook, Login::Facebook, &lying).await), refused);
    let empty = file("image/png", 0);
    assert_eq!(reason(&upload(&desk, &facebook, Login::Facebook, &empty).await), Some(RefusedReason::InvalidRequest));
    let mut stranger = account(&facebook, Login::Facebook);
    stranger.token = "EAAwrong".into();
    let bytes = futures::stream::iter([Ok::<_, io::Error>("x".into())]);
    let outcome = desk.graph().upload(&stranger, &file("image/png", 1), bytes).await;
    assert_eq!(reason(&outcome), Some(RefusedReason::NeedsReconnect));

    // An id is good for its page and its kind only.
    let id = kept(&desk, &facebook, Login::Facebook, &file("image/png", 1)).await;
    for (page, login, kind, id) in [
        (&instagram, Login::Instagram, MediaKind::Image, id.as_str()),
        (&facebook, Login::Facebook, MediaKind::Video, id.as_str()),
        (&facebook, Login::Facebook, MediaKind::Image, "1"),
    ] {
        let customer = &page.customers[0].id;
        let outcome =
            desk.graph().send_attachment(&account(page, login), customer, (kind, id), None, Tag::Response).await;
        let SendOutcome::Refused { reason, subcode, .. } = outcome else { panic!("{outcome:?}") };
        assert_eq!((reason, subcode), (RefusedReason::InvalidRequest, Some(2_018_074)));
    }
    assert!(desk.sent().await.is_empty());
}

#[tokio::test]
async fn uploads_fail_on_order() {
    let desk = Desk::new().await;
    let page = desk.demo(Platform::Facebook);
    let picture = file("image/png", 3);
    desk.fault(json!({ "target": "graph", "kind": "status", "status": 503, "call": "upload", "count": 1 })).await;
    assert_eq!(upload(&desk, &page, Login::Facebook, &picture).await, UploadOutcome::Unavailable);
    desk.fault(json!({ "target": "graph", "kind": "cut_after", "count": 1 })).await;
    assert_eq!(upload(&desk, &page, Login::Facebook, &picture).await, UploadOutcome::Unavailable);
    desk.fault(json!({ "target": "graph", "kind": "status", "code": 613, "count": 1 })).await;
    assert!(matches!(upload(&desk, &page, Login::Facebook, &picture).await, UploadOutcome::TryLater { .. }));
    kept(&desk, &page, Login::Facebook, &picture).await;
}

#[tokio::test]
async fn a_customer_sends_a_picture() {
    let desk = Desk::new().await;
    let page = desk.demo(Platform::Facebook);
    let customer = &page.customers[0].id;
    let request = desk.client.post(desk.url("/sandbox/media")).header("content-type", "image/jpeg").body("jpeg");
    let answer: Value = request.send().await.expect("an answer").json().await.expect("JSON");
    assert_eq!(answer["type"], "image");
    let path = format!("/sandbox/customers/{customer}/messages");
    let body = json!({ "page_id": page.page_id, "attachments": [answer] });
    assert_eq!(desk.post(&path, body).await.0, 201);
    let posted = desk.posted(1).await;
    let parsed = webhook::parse(Platform::Facebook, &posted[0].body);
    let Kind::Message(message) = &parsed.items[0].kind else { panic!("{:?}", parsed.items) };
    assert_eq!(message.text, None);
    assert_eq!(message.attachments[0].url.as_deref(), answer["url"].as_str());

    let one = json!({ "type": "image", "url": "https://x.example/a.png" });
    let long = json!({ "type": "image", "url": "x".repeat(2001) });
    for (attachments, status) in [
        (json!([one.clone()]), 201),
        (json!([]), 422),
        (json!([long]), 422),
        (json!([{ "type": "", "url": "x" }]), 422),
        (json!([{ "type": "image" }]), 422),
        (Value::Array(vec![one; 31]), 422),
    ] {
        let body = json!({ "page_id": page.page_id, "attachments": attachments });
        assert_eq!(desk.post(&path, body).await.0, status, "{attachments}");
    }
    let plain = desk.client.post(desk.url("/sandbox/media")).body("x").send().await.expect("an answer");
    assert_eq!(plain.status(), 422);
    assert_eq!(desk.get("/sandbox/media/1").await.0, 404);
}
