//! The Graph client over a socket: what it sends, and what it makes of good, bad and broken answers.

use crate::server::{Answer, Seen, serve};
use chatdesk_meta::{
    AppSecrets, Login, Platform,
    graph::{Account, Graph, GraphConfig, GraphError, RefusedReason, Scope, SendOutcome, Tag, Unclear, UserProfile},
};
use std::{net::SocketAddr, time::Duration};
use tokio::net::TcpListener;

pub const TOKEN: &str = "EAAtesttoken123";
pub const PROOF: &str = "appsecret_proof=d79d22aa806829fabb46cfbe3c89fc1fc2200fe810338a9043c1b00d4f6c8d89";

pub fn account(platform: Platform, login: Login) -> Account {
    Account { platform, login, page_id: "104".to_owned(), token: TOKEN.into() }
}

pub fn page() -> Account {
    account(Platform::Facebook, Login::Facebook)
}

pub fn graph(address: SocketAddr) -> Graph {
    let secrets = AppSecrets::parse("chatdesk-test-app-secret").expect("one secret");
    let (facebook, instagram) = (format!("http://{address}/graph"), format!("http://{address}/instagram"));
    let config = GraphConfig::new(&facebook, &instagram, "v25.0", Some(secrets)).and_then(|config| {
        config
            .with_facebook_app("8812")?
            .with_instagram_app("5512", AppSecrets::parse("ig-secret").expect("one secret"))?
            .with_dialogs(None, Some(&format!("http://{address}/ig/oauth/authorize")))
    });
    let config = config.expect("good settings");
    Graph::new(config, Graph::http_client().expect("a client"))
}

pub fn ok(body: &str) -> Answer {
    Answer::Reply(200, "", body.to_owned())
}

pub fn refusal(code: u32, subcode: u32) -> Answer {
    Answer::Reply(
        400,
        "",
        format!(r#"{{"error":{{"message":"No","code":{code},"error_subcode":{subcode},"fbtrace_id":"A1"}}}}"#),
    )
}

/// Sends one text to a server with this answer.
async fn send(answer: Answer) -> (SendOutcome, Option<Seen>) {
    let (address, mut seen) = serve(vec![answer]).await;
    let outcome = graph(address).send_text(&page(), "7", "Dạ còn ạ", Some("out-1"), Tag::Response, &[]).await;
    (outcome, seen.try_recv().ok())
}

#[tokio::test]
async fn a_text_goes_out_as_documented() {
    let (outcome, seen) = send(ok(r#"{"recipient_id":"7","message_id":"m_1"}"#)).await;
    assert_eq!(outcome, SendOutcome::Sent { mid: "m_1".to_owned(), pace: None });
    let seen = seen.expect("a request");
    assert_eq!(seen.line, format!("POST /graph/v25.0/104/messages?{PROOF}"));
    assert_eq!(seen.header("authorization"), Some("Bearer EAAtesttoken123"));
    let body: serde_json::Value = serde_json::from_str(&seen.body).expect("JSON");
    let expected = serde_json::json!({
        "recipient": {"id": "7"}, "messaging_type": "RESPONSE", "message": {"text": "Dạ còn ạ", "metadata": "out-1"},
    });
    assert_eq!(body, expected);
}

#[tokio::test]
async fn a_persons_late_answer_carries_the_tag_and_instagram_no_proof() {
    let (address, mut seen) = serve(vec![ok(r#"{"message_id":"m_1"}"#)]).await;
    let account = account(Platform::Instagram, Login::Instagram);
    let outcome = graph(address).send_text(&account, "7", "Chào", None, Tag::HumanAgent, &[]).await;
    assert_eq!(outcome, SendOutcome::Sent { mid: "m_1".to_owned(), pace: None });
    let seen = seen.recv().await.expect("a request");
    assert_eq!(seen.line, "POST /instagram/v25.0/104/messages");
    let body: serde_json::Value = serde_json::from_str(&seen.body).expect("JSON");
    let expected = serde_json::json!({
        "recipient": {"id": "7"}, "messaging_type": "MESSAGE_TAG", "tag": "HUMAN_AGENT", "message": {"text": "Chào"},
    });
    assert_eq!(body, expected);
}

#[tokio::test]
async fn refusals_and_limits_are_told_apart() {
    let (outcome, _) = send(refusal(10, 2_018_278)).await;
    let expected = SendOutcome::Refused {
        reason: RefusedReason::WindowClosed,
        code: Some(10),
        subcode: Some(2_018_278),
        fbtrace_id: Some("A1".to_owned()),
    };
    assert_eq!(outcome, expected);
    let (outcome, _) = send(Answer::Reply(429, "retry-after: 17\r\n", String::new())).await;
    assert_eq!(outcome, SendOutcome::TryLater { after: Duration::from_secs(17), scope: Scope::Channel });
    let usage =
        "x-business-use-case-usage: {\"77\":[{\"type\":\"messenger\",\"estimated_time_to_regain_access\":3}]}\r\n";
    let (outcome, _) = send(Answer::Reply(400, usage, r#"{"error":{"code":80006}}"#.to_owned())).await;
    assert_eq!(outcome, SendOutcome::TryLater { after: Duration::from_secs(180), scope: Scope::Channel });
}

#[tokio::test]
async fn whatever_breaks_after_the_connection_is_unknown() {
    let lost = SendOutcome::Unknown { why: Unclear::ConnectionLost };
    assert_eq!(send(Answer::Hang).await.0, lost);
    assert_eq!(send(Answer::Shut).await.0, lost);
    assert_eq!(send(Answer::Cut(200)).await.0, lost);
    assert_eq!(send(Answer::Cut(400)).await.0, lost);
    assert_eq!(send(Answer::Reply(503, "", String::new())).await.0, SendOutcome::Unknown { why: Unclear::Status(503) });
    assert_eq!(send(ok("thanks")).await.0, SendOutcome::Unknown { why: Unclear::NoMessageId });
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let (outcome, _) = send(Answer::Reply(307, "location: /elsewhere\r\n", String::new())).await;
    assert_eq!(outcome, SendOutcome::Unknown { why: Unclear::Status(307) });
}

#[tokio::test]
async fn an_answer_that_does_not_come_is_unknown() {
    let (address, mut seen) = serve(vec![Answer::Silence]).await;
    let config = GraphConfig::new(&format!("http://{address}"), GraphConfig::INSTAGRAM_BASE, "v25.0", None);
    let config = config.expect("good settings").with_timeout(Duration::from_millis(200));
    let graph = Graph::new(config, Graph::http_client().expect("a client"));
    let outcome = graph.send_text(&page(), "7", "Chào", None, Tag::Response, &[]).await;
    assert_eq!(outcome, SendOutcome::Unknown { why: Unclear::Timeout });
    assert_eq!(seen.recv().await.expect("a request").line, "POST /v25.0/104/messages");
}

#[tokio::test]
async fn an_unreachable_host_is_certainly_unsent() {
    let free = TcpListener::bind("127.0.0.1:0").await.expect("a free port").local_addr().expect("an address");
    let outcome = graph(free).send_text(&page(), "7", "Chào", None, Tag::Response, &[]).await;
    assert!(matches!(outcome, SendOutcome::TryLater { scope: Scope::Host, .. }), "{outcome:?}");
    assert_eq!(graph(free).page_profile(&page()).await, Err(GraphError::Unavailable));
}

#[tokio::test]
async fn what_cannot_be_sent_is_not_tried() {
    let (address, mut seen) = serve(vec![]).await;
    let graph = graph(address);
    let refused = |outcome| matches!(outcome, SendOutcome::Refused { reason: RefusedReason::InvalidRequest, .. });
    assert!(refused(graph.send_text(&page(), "7", "  ", None, Tag::Response, &[]).await));
    assert!(refused(graph.send_text(&page(), "", "Chào", None, Tag::Response, &[]).await));
    assert!(refused(graph.send_text(&page(), "7", "Chào", Some(&"m".repeat(1000)), Tag::Response, &[]).await));
    let elsewhere = Account { page_id: "104/../105".to_owned(), ..page() };
    assert!(refused(graph.send_text(&elsewhere, "7", "Chào", None, Tag::Response, &[]).await));
    let broken = Account { token: "a\nb".into(), ..page() };
    assert!(refused(graph.send_text(&broken, "7", "Chào", None, Tag::Response, &[]).await));
    assert!(seen.try_recv().is_err());
}

#[tokio::test]
async fn profiles_of_pages_and_accounts() {
    let answers = vec![
        ok(r#"{"id":"104","name":"Cửa hàng Gốm"}"#),
        ok(r#"{"id":"103","instagram_business_account":{"id":"104","username":"gom","name":""}}"#),
        ok(r#"{"id":"9","user_id":104,"username":"gom","name":"Gốm"}"#),
        ok(r#"{"id":"104","user_id":"105","username":"gom"}"#),
        ok(r#"{"id":"9001","name":"Lan"}"#),
        ok(r#"{"id":"104","instagram_business_account":{"id":"105","username":"gom"}}"#),
        ok(r#"{"id":"104"}"#),
    ];
    let (address, mut seen) = serve(answers).await;
    let graph = graph(address);
    let profile = graph.page_profile(&page()).await.expect("a profile");
    assert_eq!((profile.id.as_str(), profile.name.as_str(), profile.username), ("104", "Cửa hàng Gốm", None));
    let linked = account(Platform::Instagram, Login::Facebook);
    let behind = graph.page_profile(&linked).await.expect("a profile");
    assert_eq!((behind.id.as_str(), behind.name.as_str(), behind.via_page.as_deref()), ("104", "gom", Some("103")));
    let own = account(Platform::Instagram, Login::Instagram);
    assert_eq!(graph.page_profile(&own).await.expect("a profile").name, "Gốm");
    // A person's token, another page's, and one of a page without an account prove nothing, whatever they may read.
    for account in [&own, &page(), &linked, &linked] {
        assert_eq!(graph.page_profile(account).await, Err(GraphError::OtherAccount));
    }
    for line in [
        format!("GET /graph/v25.0/me?{PROOF}&fields=id%2Cname"),
        format!("GET /graph/v25.0/me?{PROOF}&fields=id%2Cinstagram_business_account%7Bid%2Cusername%2Cname%7D"),
        "GET /instagram/v25.0/me?fields=id%2Cusername%2Cuser_id%2Cname".to_owned(),
    ] {
        let seen = seen.recv().await.expect("a request");
        assert_eq!(seen.line, line);
        assert_eq!(seen.header("authorization"), Some("Bearer EAAtesttoken123"));
    }
}

#[tokio::test]
async fn subscribing_and_unsubscribing() {
    let (address, mut seen) =
        serve(vec![ok(r#"{"success":true}"#), ok(r#"{"success":true}"#), ok(r#"{"success":false}"#)]).await;
    let graph = graph(address);
    assert_eq!(graph.subscribe(&page()).await, Ok(()));
    assert_eq!(graph.subscribe(&account(Platform::Instagram, Login::Instagram)).await, Ok(()));
    assert!(matches!(graph.unsubscribe(&page()).await, Err(GraphError::Rejected { .. })));
    let line = seen.recv().await.expect("a request").line;
    assert!(
        line.starts_with(&format!("POST /graph/v25.0/104/subscribed_apps?{PROOF}&subscribed_fields=messages%2C")),
        "{line}"
    );
    assert!(line.contains("%2Cmessage_echoes%2C") && !line.contains("++"), "{line}");
    let line = seen.recv().await.expect("a request").line;
    assert!(line.starts_with("POST /instagram/v25.0/104/subscribed_apps?subscribed_fields=messages%2C"), "{line}");
    assert!(line.contains("messaging_seen"), "{line}");
    assert_eq!(seen.recv().await.expect("a request").line, format!("DELETE /graph/v25.0/104/subscribed_apps?{PROOF}"));
}

#[tokio::test]
async fn customers_profiles() {
    let answers = vec![
        ok(r#"{"first_name":"Lan","last_name":"Nguyễn","profile_pic":"https://x.example/p.jpg","id":"7"}"#),
        ok(r#"{"username":"lan.gom","profile_pic":"javascript:1"}"#),
        refusal(230, 0),
        ok("{}"),
    ];
    let (address, mut seen) = serve(answers).await;
    let graph = graph(address);
    let profile = graph.user_profile(&page(), "7").await.expect("a profile");
    let expected =
        UserProfile { name: Some("Lan Nguyễn".to_owned()), profile_pic: Some("https://x.example/p.jpg".to_owned()) };
    assert_eq!(profile, expected);
    let own = account(Platform::Instagram, Login::Instagram);
    let profile = graph.user_profile(&own, "7").await.expect("a profile");
    assert_eq!(profile, UserProfile { name: Some("lan.gom".to_owned()), profile_pic: None });
    let refused = GraphError::Rejected { code: Some(230), message: "No".to_owned() };
    assert_eq!(graph.user_profile(&page(), "7").await, Err(refused));
    assert_eq!(graph.user_profile(&page(), "7").await, Ok(UserProfile::default()));
    let line = seen.recv().await.expect("a request").line;
    assert_eq!(line, format!("GET /graph/v25.0/7?{PROOF}&fields=first_name%2Clast_name%2Cprofile_pic"));
}

#[tokio::test]
async fn errors_of_calls_name_no_token() {
    let answers = vec![
        refusal(190, 463),
        refusal(4, 0),
        Answer::Reply(500, "", "<html>".to_owned()),
        Answer::Cut(200),
        ok("<html>"),
        Answer::Reply(400, "", format!(r#"{{"error":{{"message":"Bad {}","code":100}}}}"#, "EAA".repeat(30))),
    ];
    let (address, _seen) = serve(answers).await;
    let graph = graph(address);
    let mut errors = Vec::new();
    for _ in 0..6 {
        errors.push(graph.page_profile(&page()).await.expect_err("an error"));
    }
    let expected = [
        GraphError::InvalidToken,
        GraphError::RateLimited { after: Duration::from_secs(60) },
        GraphError::Unavailable,
        GraphError::Unavailable,
        GraphError::Unavailable,
        GraphError::Rejected { code: Some(100), message: "Bad …".to_owned() },
    ];
    assert_eq!(errors, expected);
    assert!(!format!("{:?}", page()).contains(TOKEN));
    assert!(!format!("{graph:?}").contains("chatdesk-test-app-secret"));
}
