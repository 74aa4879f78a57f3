//! Fuzzing by damaged seeds: the payload files, `tests/corpus` and known signed texts, with bytes set, inserted, removed,
//! repeated, cut off and spliced. What must hold is stated as invariants, not as a second parser.
//!
//! `cargo test` runs a few thousand inputs of each target; `PROPTEST_CASES=5000000 cargo test --release -p chatdesk-meta
//! fuzz::` runs five million. An input that failed is shown shrunk: put it into `tests/corpus/webhook`, where each file is
//! a seed that is also run as it is.
//!
//! `proptest` with a mutator of our own and not a fuzzing front end such as `bolero`: without an instrumenting toolchain
//! that one plays random bytes, which end at the first brace, and its engines need tools outside the two commands that
//! this project promises to need.

use crate::payloads::payloads;
use chatdesk_meta::{
    AppSecrets, Platform,
    graph::{SendOutcome, UploadOutcome, classify_call, classify_send, classify_upload},
    signed_request, split_text,
    webhook::{Item, MOST_ITEMS, envelope, parse},
};
use proptest::prelude::*;
use proptest::sample::Index;
use std::sync::LazyLock;

const SECRET: &str = "chatdesk-test-app-secret";
const SIGNED: &str = "LRmWdWJCjsHbrkq49xTCbVyXOGkTpLSAM5bWFns7ItA.eyJ1c2VyX2lkIjoiMTAxNTg4MDAxMjM0NTY3ODkiLCJhbGdvcml0aG0iOiJITUFDLVNIQTI1NiIsImlzc3VlZF9hdCI6MTc5NTM2NjgwMH0";
/// Inputs of each target when the environment asks for no more.
const CASES: u32 = 2000;

/// Pieces that change the meaning of JSON, and words the parser looks for.
const WORDS: [&[u8]; 30] = [
    b"{",
    b"}",
    b"[",
    b"]",
    b"\"",
    b",",
    b":",
    b"\\",
    b"null",
    b"true",
    b"{}",
    b"[]",
    b"1e999",
    b"-1",
    b"9007199254740993",
    b"\"0\"",
    b"\\u0000",
    b"\\ud83d",
    b"\xff",
    b"\0",
    b"\xef\xbb\xbf",
    b"\"message\":",
    b"\"sender\":",
    b"\"field\":",
    b"\"value\":",
    b"\"standby\":",
    b"\"is_deleted\":true,",
    b"\"id\":",
    b"\"mid\":",
    b"\"entry\":",
];

static WEBHOOKS: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/corpus/webhook");
    let files = std::fs::read_dir(folder).expect("the corpus");
    let files = files.map(|file| std::fs::read(file.expect("a file").path()).expect("readable"));
    payloads().into_iter().map(|payload| payload.body).chain(files).collect()
});

static REPLIES: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    [
        r#"{"recipient_id":"7","message_id":"m_1"}"#,
        r#"{"error":{"message":"No","type":"OAuthException","code":10,"error_subcode":2018278,"is_transient":false,"fbtrace_id":"A1"}}"#,
        r#"{"error":{"code":"613","is_transient":true}}"#,
        r#"{"error_type":"OAuthException","code":400,"error_message":"Invalid authorization code"}"#,
        r#"{"attachment_id":"1857777774821032"}"#,
    ]
    .map(|reply| reply.as_bytes().to_vec())
    .into()
});

static TEXTS: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    [
        "Chào bạn! Áo này còn size M, giá 250.000₫. Bạn ở đâu ạ? 👨\u{200d}👩\u{200d}👧 ".repeat(40),
        format!("https://shop.example/{}", "a".repeat(3000)),
        "e\u{301}".repeat(1500),
        "。！？\n\n … ".repeat(300),
        "🇻🇳👋🏽".repeat(400),
    ]
    .map(String::into_bytes)
    .into()
});

/// One act of damage. Places are relative to whatever the bytes are by then.
#[derive(Debug, Clone)]
enum Damage {
    Set(Index, u8),
    Insert(Index, &'static [u8]),
    Remove(Index, usize),
    Repeat(Index, Index, usize),
    Cut(Index),
    Splice(Index, Index, Index),
}

fn damage() -> impl Strategy<Value = Damage> {
    let at = any::<Index>;
    prop_oneof![
        3 => (at(), any::<u8>()).prop_map(|(at, byte)| Damage::Set(at, byte)),
        4 => (at(), prop::sample::select(WORDS.to_vec())).prop_map(|(at, word)| Damage::Insert(at, word)),
        2 => (at(), 1..40_usize).prop_map(|(at, count)| Damage::Remove(at, count)),
        2 => (at(), at(), 1..200_usize).prop_map(|(from, to, count)| Damage::Repeat(from, to, count)),
        1 => at().prop_map(Damage::Cut),
        1 => (at(), at(), at()).prop_map(|(seed, from, to)| Damage::Splice(seed, from, to)),
    ]
}

/// A seed with up to eight damages.
fn damaged(seeds: &'static [Vec<u8>]) -> impl Strategy<Value = Vec<u8>> {
    (any::<Index>(), prop::collection::vec(damage(), 0..8)).prop_map(|(seed, damages)| {
        damages.into_iter().fold(seed.get(seeds).clone(), |mut bytes, damage| {
            let end = bytes.len() + 1;
            match damage {
                Damage::Set(at, byte) if !bytes.is_empty() => {
                    let at = at.index(bytes.len());
                    bytes[at] = byte;
                }
                Damage::Set(..) => {}
                Damage::Insert(at, word) => drop(bytes.splice(at.index(end)..at.index(end), word.iter().copied())),
                Damage::Remove(at, count) => {
                    let at = at.index(end);
                    drop(bytes.drain(at..(at + count).min(bytes.len())));
                }
                Damage::Repeat(from, to, count) => {
                    let from = from.index(end);
                    let piece = bytes[from..(from + count).min(bytes.len())].to_vec();
                    drop(bytes.splice(to.index(end)..to.index(end), piece));
                }
                Damage::Cut(at) => bytes.truncate(at.index(end)),
                Damage::Splice(seed, from, to) => {
                    let other = seed.get(seeds);
                    bytes.truncate(to.index(end));
                    bytes.extend_from_slice(&other[from.index(other.len() + 1)..]);
                }
            }
            bytes
        })
    })
}

fn secrets() -> AppSecrets {
    AppSecrets::parse(SECRET).expect("one secret")
}

/// Every body is answered; items are in order, kept as JSON a database takes, and come back from their envelopes.
fn webhook_holds(body: &[u8]) {
    let parsed = parse(Platform::Facebook, body);
    assert!(parsed.items.len() <= MOST_ITEMS);
    for (index, item) in parsed.items.into_iter().enumerate() {
        assert!(item.index == index && !item.key.is_empty());
        assert!(serde_json::from_str::<&serde_json::value::RawValue>(&item.raw).is_ok(), "{}", item.raw);
        assert!(!item.raw.contains('\0') && !item.page_id.contains('\0') && !item.key.contains('\0'));
        let again =
            parse(item.platform, &envelope(item.platform, &item.page_id, item.section, item.entry_ms, &item.raw));
        assert_eq!((again.unparsed, again.items), (None, vec![Item { index: 0, ..item }]));
    }
}

#[test]
fn seeds_hold_as_they_are() {
    assert!(WEBHOOKS.len() > payloads().len());
    WEBHOOKS.iter().for_each(|body| webhook_holds(body));
}

fn config() -> ProptestConfig {
    // The default is what PROPTEST_CASES says.
    let set = ProptestConfig::default();
    ProptestConfig { failure_persistence: None, cases: set.cases.max(CASES), ..set }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn webhooks(body in damaged(&WEBHOOKS)) {
        webhook_holds(&body);
    }

    #[test]
    fn signatures(
        body in damaged(&WEBHOOKS),
        header in damaged(&SIGNATURES),
    ) {
        let secrets = secrets();
        let expected = secrets.sign(&body);
        prop_assert!(secrets.verify(Some(&expected), &body));
        prop_assert_eq!(secrets.verify(Some(&header), &body), header == expected.as_bytes());
    }

    #[test]
    fn signed_requests(text in damaged(&REQUESTS)) {
        let text = String::from_utf8_lossy(&text);
        prop_assert_eq!(signed_request::verify(&secrets(), &text).is_ok(), text == SIGNED);
    }

    #[test]
    fn texts(text in damaged(&TEXTS)) {
        let text = String::from_utf8_lossy(&text);
        for platform in [Platform::Facebook, Platform::Instagram] {
            let parts = split_text(platform, &text);
            for part in &parts {
                let fits = match platform {
                    Platform::Facebook => part.encode_utf16().count() <= 2000,
                    Platform::Instagram => part.len() <= 1000,
                };
                prop_assert!(fits && !part.trim().is_empty());
            }
            let visible = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>();
            prop_assert_eq!(visible(&parts.concat()), visible(&text));
        }
    }

    #[test]
    fn replies(reply in damaged(&REPLIES), status in prop::sample::select(vec![200_u16, 302, 400, 401, 429, 500, 503])) {
        let outcome = classify_send(status, None, &reply);
        let says_so = serde_json::from_slice::<serde_json::Value>(&reply).is_ok_and(|reply| reply["message_id"].is_string());
        let sent = matches!(outcome, SendOutcome::Sent { .. });
        prop_assert!(!sent || status == 200 && says_so);
        let open = matches!(outcome, SendOutcome::Unknown { .. });
        prop_assert!(open || status < 500, "a server's failure settles nothing");
        let kept = matches!(classify_upload(status, None, &reply), UploadOutcome::Kept { .. });
        prop_assert!(!kept || status == 200);
        let shown = classify_call(status, None, &reply).to_string();
        prop_assert!(shown.chars().count() < 400, "no more of Meta's words than is needed");
    }
}

static SIGNATURES: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let secrets = secrets();
    WEBHOOKS.iter().map(|body| secrets.sign(body).into_bytes()).collect()
});

static REQUESTS: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| vec![SIGNED.as_bytes().to_vec()]);
