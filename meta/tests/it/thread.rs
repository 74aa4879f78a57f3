//! Reading conversations back from Meta: what is asked, how pages are walked, and what is made of odd answers.

use crate::graph::{PROOF, account, graph, ok, page, refusal};
use crate::server::serve;
use chatdesk_meta::{
    Login, Platform,
    graph::{GraphError, Page, PlatformMessage, ThreadSummary},
};

const FIELDS: &str = "fields=id%2Cfrom%2Cto%2Cmessage%2Ccreated_time%2Cattachments%7Bmime_type%2Cname%2Cfile_url%2Cimage_data%2Cvideo_data%7D";

/// A page of messages, with a cursor for the next. The next address must never be called: nobody listens there.
fn messages(items: &str, after: &str) -> String {
    format!(
        r#"{{"data":[{items}],"paging":{{"cursors":{{"before":"B","after":"{after}"}},"next":"http://203.0.113.9/steal?access_token=EAAtesttoken123&after={after}"}}}}"#
    )
}

fn message(mid: &str, from: &str, text: &str) -> String {
    format!(
        r#"{{"id":"{mid}","from":{{"id":"{from}","name":"X"}},"to":{{"data":[]}},"message":"{text}","created_time":"2026-11-22T08:15:30+0000"}}"#
    )
}

#[tokio::test]
async fn a_conversation_is_walked_by_cursor() {
    let answers = vec![
        ok(r#"{"data":[{"id":"t_55"}]}"#),
        ok(&messages(&message("m_2", "104", "Dạ còn ạ"), "QVFI-2")),
        ok(&format!(r#"{{"data":[{}],"paging":{{"cursors":{{"after":"END"}}}}}}"#, message("m_1", "7", "Còn không?"))),
    ];
    let (address, mut seen) = serve(answers).await;
    let graph = graph(address);
    let first = graph.thread(&page(), "7", None, 20).await.expect("a page");
    let read = PlatformMessage {
        mid: "m_2".to_owned(),
        from: "104".to_owned(),
        text: Some("Dạ còn ạ".to_owned()),
        created_ms: 1_795_335_330_000,
        attachments: Vec::new(),
    };
    assert_eq!(first.items, [read]);
    let second = graph.thread(&page(), "7", first.next.as_deref(), 500).await.expect("a page");
    assert_eq!((second.items[0].from.as_str(), second.next), ("7", None));
    for line in [
        format!("GET /graph/v25.0/104/conversations?{PROOF}&platform=messenger&user_id=7&fields=id"),
        format!("GET /graph/v25.0/t_55/messages?{PROOF}&{FIELDS}&limit=20"),
        format!("GET /graph/v25.0/t_55/messages?{PROOF}&{FIELDS}&limit=50&after=QVFI-2"),
    ] {
        let seen = seen.recv().await.expect("a request");
        assert_eq!(seen.line, line);
        assert_eq!(seen.header("authorization"), Some("Bearer EAAtesttoken123"));
    }
}

#[tokio::test]
async fn a_conversation_that_meta_does_not_know_is_empty() {
    let (address, mut seen) = serve(vec![ok(r#"{"data":[]}"#), refusal(230, 0)]).await;
    let own = account(Platform::Instagram, Login::Instagram);
    assert_eq!(graph(address).thread(&own, "7", None, 5).await, Ok(Page { items: Vec::new(), next: None }));
    let line = seen.recv().await.expect("a request").line;
    assert_eq!(line, "GET /instagram/v25.0/104/conversations?platform=instagram&user_id=7&fields=id");
    assert!(matches!(
        graph(address).thread(&own, "7", None, 5).await,
        Err(GraphError::Rejected { code: Some(230), .. })
    ));
}

#[tokio::test]
async fn a_message_that_cannot_be_compared_fails_the_read() {
    for odd in [
        r#"{"id":"m_1","from":{"id":"7"},"message":"x"}"#,
        r#"{"id":"m_1","from":{"id":"7"},"created_time":"yesterday"}"#,
        r#"{"from":{"id":"7"},"created_time":"2026-11-22T08:15:30+0000"}"#,
        "5",
    ] {
        let answers =
            vec![ok(r#"{"data":[{"id":"t_55"}]}"#), ok(&messages(&format!("{},{odd}", message("m_2", "7", "x")), "A"))];
        let (address, _seen) = serve(answers).await;
        assert_eq!(graph(address).thread(&page(), "7", None, 5).await, Err(GraphError::Unavailable), "{odd}");
    }
    let nobody = r#"{"id":"m_1","created_time":"2026-11-22T08:15:30+0000"}"#;
    let (address, _seen) = serve(vec![ok(nobody)]).await;
    let read = graph(address).message(&page(), "m_1").await.expect("a message");
    assert_eq!((read.from.as_str(), read.text), ("", None));
}

#[tokio::test]
async fn a_cursor_that_is_none_of_ours_is_not_tried() {
    let (address, mut seen) = serve(vec![]).await;
    let graph = graph(address);
    for cursor in ["A", "t_1/../x A", "t_1 a b", "t_1 á", " A"] {
        let read = graph.thread(&page(), "7", Some(cursor), 5).await;
        assert!(matches!(read, Err(GraphError::Rejected { code: None, .. })), "{cursor}");
    }
    assert!(graph.threads(&page(), Some("a\nb")).await.is_err());
    assert!(graph.message(&page(), "m/1").await.is_err());
    assert!(seen.try_recv().is_err());
}

#[tokio::test]
async fn the_list_names_the_customers() {
    let list = r#"{"data":[
        {"id":"t_1","updated_time":"2026-11-22T08:15:30+0000","participants":{"data":[{"id":"7","name":"Lan"},{"id":"104","name":"Gốm"}]}},
        {"id":"t_2","updated_time":"2026-11-22T08:15:29+0000","participants":{"data":[{"id":104},{"id":8,"username":"lan.gom"}]}},
        {"id":"t_3","updated_time":"2026-11-22T08:15:28+0000","participants":{"data":[{"id":"104"}]}},
        {"id":"t_4","updated_time":"2026-11-22T08:15:28+0000","participants":{"data":[{"id":"104"},{"id":"8"},{"id":"9"}]}},
        {"id":"t_5","participants":{"data":[{"id":"9"}]}}, 5
    ],"paging":{"next":"https://graph.facebook.com/v25.0/104/conversations?limit=50&after=NEXT%3D"}}"#;
    let (address, mut seen) = serve(vec![ok(list), ok("{}"), ok("{}")]).await;
    let graph = graph(address);
    let page_of = graph.threads(&page(), None).await.expect("a page");
    let thread = |customer: &str, name: &str, updated_ms| ThreadSummary {
        customer: customer.to_owned(),
        name: Some(name.to_owned()),
        updated_ms,
    };
    assert_eq!(page_of.items, [thread("7", "Lan", 1_795_335_330_000), thread("8", "lan.gom", 1_795_335_329_000)]);
    assert_eq!(page_of.next.as_deref(), Some("NEXT="), "taken out of an address that is not called");
    graph.threads(&page(), Some("NEXT=")).await.expect("an empty page");
    graph.threads(&account(Platform::Instagram, Login::Facebook), None).await.expect("an empty page");
    let asked = "fields=id%2Cupdated_time%2Cparticipants&limit=50";
    for line in [
        format!("GET /graph/v25.0/104/conversations?{PROOF}&platform=messenger&{asked}"),
        format!("GET /graph/v25.0/104/conversations?{PROOF}&platform=messenger&{asked}&after=NEXT%3D"),
        format!("GET /graph/v25.0/me/conversations?{PROOF}&platform=instagram&{asked}"),
    ] {
        assert_eq!(seen.recv().await.expect("a request").line, line);
    }
}

#[tokio::test]
async fn one_message_shows_its_attachments() {
    let whole = r#"{"id":"m_1","from":{"id":"7"},"message":"","created_time":"2026-11-22T08:15:30+0000","attachments":{"data":[
        {"id":"1","mime_type":"image/jpeg","name":"a.jpg","image_data":{"url":"https://x.example/a.jpg"}},
        {"mime_type":"image/png","image_data":{"url":"https://x.example/s.png","render_as_sticker":true}},
        {"mime_type":"video/mp4","video_data":{"url":"https://x.example/v.mp4"}},
        {"mime_type":"audio/mpeg","file_url":"https://x.example/s.mp3","name":"s.mp3"},
        {"mime_type":"application/pdf","file_url":"https://x.example/d.pdf"},
        {"mime_type":"x","file_url":"javascript:1"}, {"generic_template":{}}, {}
    ]}}"#;
    let (address, mut seen) = serve(vec![ok(whole), refusal(100, 33)]).await;
    let graph = graph(address);
    let read = graph.message(&page(), "m_1").await.expect("a message");
    let shown: Vec<_> = read.attachments.iter().map(|one| (one.kind.as_str(), one.url.as_deref())).collect();
    let expected = [
        ("image", Some("https://x.example/a.jpg")),
        ("sticker", Some("https://x.example/s.png")),
        ("video", Some("https://x.example/v.mp4")),
        ("audio", Some("https://x.example/s.mp3")),
        ("file", Some("https://x.example/d.pdf")),
        ("file", None),
        ("template", None),
        ("unknown", None),
    ];
    assert_eq!((shown.as_slice(), read.text), (expected.as_slice(), None));
    assert_eq!(read.attachments[0].title.as_deref(), Some("a.jpg"));
    assert_eq!(seen.recv().await.expect("a request").line, format!("GET /graph/v25.0/m_1?{PROOF}&{FIELDS}"));
    assert_eq!(graph.message(&page(), "mid.$cAAB:1").await, Err(GraphError::NotFound));
    assert_eq!(seen.recv().await.expect("a request").line, format!("GET /graph/v25.0/mid.$cAAB:1?{PROOF}&{FIELDS}"));
}
