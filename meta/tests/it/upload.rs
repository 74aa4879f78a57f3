//! Uploads over a socket: what goes out, what becomes of it, and that nothing half goes through.

use std::io;
use std::time::Duration;

use bytes::Bytes;
use chatdesk_meta::graph::{Account, Graph, GraphConfig, RefusedReason, SendOutcome, Tag, UploadFile, UploadOutcome};
use chatdesk_meta::{Login, MediaKind, Platform};
use futures::{Stream, stream};
use tokio::net::TcpListener;

use crate::server::{Answer, serve};

fn account(platform: Platform, login: Login) -> Account {
    Account { platform, login, page_id: "104".to_owned(), token: "EAAtesttoken123".into() }
}

fn page() -> Account {
    account(Platform::Facebook, Login::Facebook)
}

fn graph(address: std::net::SocketAddr) -> Graph {
    let config = GraphConfig::new(&format!("http://{address}"), &format!("http://{address}/ig"), "v25.0", None);
    Graph::new(config.expect("good settings"), Graph::http_client().expect("a client"))
}

fn file(size: u64) -> UploadFile {
    UploadFile { kind: MediaKind::Image, name: "áo \"đỏ\".png".into(), content_type: "image/png".into(), size }
}

fn chunks(count: usize) -> impl Stream<Item = io::Result<Bytes>> + Send + Sync + Unpin {
    stream::iter((0..count).map(|_| Ok(Bytes::from_static(b"0123456789"))))
}

fn kept(id: &str) -> Answer {
    Answer::Reply(200, "", format!(r#"{{"attachment_id":"{id}"}}"#))
}

#[tokio::test]
async fn a_file_goes_out_as_documented() {
    let (address, mut seen) = serve(vec![kept("1857"), kept("1858"), kept("1859")]).await;
    let graph = graph(address);
    let outcome = graph.upload(&page(), &file(30), chunks(3)).await;
    assert_eq!(outcome, UploadOutcome::Kept { attachment_id: "1857".to_owned() });
    let first = seen.recv().await.expect("a request");
    assert_eq!(first.line, "POST /v25.0/104/message_attachments");
    assert_eq!(first.header("authorization"), Some("Bearer EAAtesttoken123"));
    let kind = first.header("content-type").expect("a content type");
    let boundary = kind.strip_prefix("multipart/form-data; boundary=").expect("a form");
    let expected = format!(
        "--{boundary}\r\nContent-Disposition: form-data; name=\"message\"\r\n\r\n\
         {{\"attachment\":{{\"payload\":{{\"is_reusable\":true}},\"type\":\"image\"}}}}\r\n\
         --{boundary}\r\nContent-Disposition: form-data; name=\"filedata\"; filename=\"áo _đỏ_.png\"\r\n\
         Content-Type: image/png\r\n\r\n012345678901234567890123456789\r\n--{boundary}--\r\n"
    );
    assert_eq!(first.body, expected);
    assert_eq!(first.header("content-length"), Some(expected.len().to_string().as_str()));

    // An account with a Page's token is named, one with its own token speaks for itself.
    graph.upload(&account(Platform::Instagram, Login::Facebook), &file(10), chunks(1)).await;
    let linked = seen.recv().await.expect("a request");
    assert_eq!(linked.line, "POST /v25.0/me/message_attachments");
    assert!(linked.body.contains("name=\"platform\"\r\n\r\ninstagram\r\n"), "{}", linked.body);
    graph.upload(&account(Platform::Instagram, Login::Instagram), &file(10), chunks(1)).await;
    let own = seen.recv().await.expect("a request");
    assert_eq!(own.line, "POST /ig/v25.0/104/message_attachments");
    assert!(!own.body.contains("platform"), "{}", own.body);
}

#[tokio::test]
async fn what_meta_says_is_told_apart() {
    let error = |code: u32, subcode: u32| {
        Answer::Reply(400, "", format!(r#"{{"error":{{"message":"No","code":{code},"error_subcode":{subcode}}}}}"#))
    };
    let refused = |outcome: UploadOutcome, expected: RefusedReason| {
        assert!(matches!(outcome, UploadOutcome::Refused { reason, .. } if reason == expected), "{outcome:?}");
    };
    let answers = vec![
        error(100, 2_018_109),
        error(190, 460),
        Answer::Reply(429, "retry-after: 17\r\n", String::new()),
        Answer::Reply(503, "", String::new()),
        Answer::Hang,
        Answer::Cut(200),
        Answer::Reply(200, "", "thanks".to_owned()),
    ];
    let (address, _seen) = serve(answers).await;
    let graph = graph(address);
    let account = page();
    let upload = || graph.upload(&account, &FILE, chunks(1));
    refused(upload().await, RefusedReason::InvalidContent);
    refused(upload().await, RefusedReason::NeedsReconnect);
    assert_eq!(upload().await, UploadOutcome::TryLater { after: Duration::from_secs(17) });
    for _ in 0..4 {
        assert_eq!(upload().await, UploadOutcome::Unavailable);
    }
    let free = TcpListener::bind("127.0.0.1:0").await.expect("a free port").local_addr().expect("an address");
    assert_eq!(self::graph(free).upload(&account, &FILE, chunks(1)).await, UploadOutcome::Unavailable);
}

static FILE: std::sync::LazyLock<UploadFile> = std::sync::LazyLock::new(|| file(10));

#[tokio::test]
async fn half_a_file_is_none() {
    // The server takes the connection and waits for the rest of the body.
    for (size, count) in [(30, 2), (10, 2), (1, 0)] {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let outcome = graph(address).upload(&page(), &file(size), chunks(count)).await;
        assert_eq!(outcome, UploadOutcome::Broken, "{size} announced, {count} chunks");
    }
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let lost = stream::iter([Ok(Bytes::from_static(b"01234")), Err(io::Error::other("gone"))]);
    let outcome = graph(listener.local_addr().expect("an address")).upload(&page(), &file(10), lost).await;
    assert_eq!(outcome, UploadOutcome::Broken);
}

#[tokio::test]
async fn what_cannot_be_uploaded_is_not_tried() {
    let (address, mut seen) = serve(vec![]).await;
    let graph = graph(address);
    let refused = |outcome| matches!(outcome, UploadOutcome::Refused { reason: RefusedReason::InvalidRequest, .. });
    let elsewhere = Account { page_id: "104/../105".to_owned(), ..page() };
    assert!(refused(graph.upload(&elsewhere, &file(10), chunks(1)).await));
    let no_type = UploadFile { content_type: "image/png\r\nx: y".to_owned(), ..file(10) };
    assert!(refused(graph.upload(&page(), &no_type, chunks(1)).await));
    assert!(seen.try_recv().is_err());
}

#[tokio::test]
async fn a_file_is_sent_by_its_id() {
    let (address, mut seen) = serve(vec![Answer::Reply(200, "", r#"{"message_id":"m_1"}"#.to_owned())]).await;
    let file = (MediaKind::Video, "1857");
    let outcome = graph(address).send_attachment(&page(), "7", file, Some("out-1"), Tag::HumanAgent).await;
    assert_eq!(outcome, SendOutcome::Sent { mid: "m_1".to_owned(), pace: None });
    let body: serde_json::Value = serde_json::from_str(&seen.recv().await.expect("a request").body).expect("JSON");
    let attachment = serde_json::json!({"type": "video", "payload": {"attachment_id": "1857"}});
    let expected = serde_json::json!({
        "recipient": {"id": "7"}, "messaging_type": "MESSAGE_TAG", "tag": "HUMAN_AGENT",
        "message": {"attachment": attachment, "metadata": "out-1"},
    });
    assert_eq!(body, expected);
}
