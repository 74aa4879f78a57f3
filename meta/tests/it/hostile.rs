//! Bodies that no well-behaved sender makes: never a panic, never a lost neighbour.

use crate::payloads::payloads;
use chatdesk_meta::{
    Platform,
    webhook::{Item, Kind, MOST_ITEMS, Parsed, parse},
};
use proptest::prelude::*;
use serde_json::{Value, json};

const GOOD: &str = r#"{"sender":{"id":"7"},"recipient":{"id":"1"},"timestamp":1795366800000,"message":{"mid":"m_good","text":"còn hàng không"}}"#;

/// A page's body with these raw items, a good one before and after them.
fn between_good(items: &[u8]) -> Parsed {
    let body = [br#"{"object":"page","entry":[{"id":"1","time":5,"messaging":["#, GOOD.as_bytes(), b",", items, b","];
    let tail = [GOOD.replace("m_good", "m_last").as_bytes(), b"]}]}"].concat();
    parse(Platform::Facebook, &[body.concat(), tail].concat())
}

/// The item between the good ones, which must both be there.
fn middle(item: &[u8]) -> Item {
    let parsed = between_good(item);
    assert_eq!(parsed.unparsed, None);
    let [first, middle, last] = <[Item; 3]>::try_from(parsed.items).expect("three items");
    assert_eq!((first.key.as_str(), last.key.as_str()), ("m_good", "m_last"));
    middle
}

fn middle_text(item: &[u8]) -> String {
    match middle(item).kind {
        Kind::Message(message) => message.text.expect("a text"),
        other => panic!("a message, not {other:?}"),
    }
}

fn with_text(text: &[u8]) -> Vec<u8> {
    [br#"{"sender":{"id":"7"},"message":{"mid":"m_x","text":""#.as_slice(), text, br#""}}"#].concat()
}

#[test]
fn spoilt_texts_are_repaired_and_cost_no_neighbour() {
    assert_eq!(middle_text(&with_text(b"a\xff\xfeb")), "a\u{fffd}\u{fffd}b");
    assert_eq!(middle_text(&with_text(br"a\ud83db")), "a\u{fffd}b");
    assert_eq!(middle_text(&with_text(br"a\u0000b")), "ab");
    assert_eq!(middle_text(&with_text(b"a\0b\nc")), "ab\nc");
    assert_eq!(middle_text(&with_text(br"a\qb")), "a\\qb");
    assert!(!middle(&with_text(br"a\u0000\ud83db")).raw.contains("\\u0000"));
}

#[test]
fn items_of_any_shape_cost_no_neighbour() {
    for (item, reason) in [
        ("null", "item_not_an_object"),
        ("5", "item_not_an_object"),
        ("1e999", "item_not_an_object"),
        ("\"message\"", "item_not_an_object"),
        ("[]", "item_not_an_object"),
        (r#"{"message":5}"#, "message_not_an_object"),
        (r#"{"message":null}"#, "message_null"),
        (r#"{"message":{"mid":5},"sender":{"id":"7"}}"#, "no_mid"),
        (r#"{"message":{"mid":"x"},"sender":{"id":1.5}}"#, "no_sender"),
        (r#"{"message":{"mid":"x","is_echo":true},"sender":{"id":"1"}}"#, "no_recipient"),
    ] {
        let item = middle(item.as_bytes());
        assert_eq!(item.kind.malformed(), Some(reason), "{}", item.raw);
        assert!(item.key.starts_with("sha256:"));
    }
    let long = format!(r#"{{"message":{{"mid":"{}"}},"sender":{{"id":"7"}}}}"#, "m".repeat(513));
    assert_eq!(middle(long.as_bytes()).kind.malformed(), Some("mid_too_long"));
    let longest = long.replace(&"m".repeat(513), &"á".repeat(512));
    assert_eq!(middle(longest.as_bytes()).kind.name(), "message");
}

/// No row becomes too large to be listed with others.
#[test]
fn of_what_no_platform_lets_through_the_beginning_is_kept() {
    let picture = |address: usize| json!({"type": "image", "payload": {"url": format!("https://cdn.test/{}", "a".repeat(address))}});
    let pictures: Vec<_> = (0..40).map(|n| picture(n + 10)).collect();
    let message =
        json!({"message": {"mid": "x", "text": "ấ".repeat(30_000), "attachments": pictures}, "sender": {"id": "7"}});
    let Kind::Message(kept) = middle(message.to_string().as_bytes()).kind else { panic!("a message") };
    assert_eq!((kept.text.map(|text| text.chars().count()), kept.attachments.len()), (Some(20_000), 30));
    let message = json!({"message": {"mid": "x", "attachments": [picture(5000)]}, "sender": {"id": "7"}});
    let Kind::Message(kept) = middle(message.to_string().as_bytes()).kind else { panic!("a message") };
    assert_eq!(kept.attachments.iter().map(|one| one.url.clone()).collect::<Vec<_>>(), [None]);
}

#[test]
fn depth_is_no_matter() {
    let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
    let message = format!(
        r#"{{"sender":{{"id":"7"}},"message":{{"mid":"m_x","text":"t","extra":{deep},"attachments":{deep}}}}}"#
    );
    assert_eq!(middle(message.as_bytes()).kind.name(), "message");
    assert_eq!(middle(deep.as_bytes()).kind.malformed(), Some("item_not_an_object"));
    assert_eq!(parse(Platform::Facebook, deep.as_bytes()).unparsed, Some("not_an_object"));
    assert_eq!(parse(Platform::Facebook, "[".repeat(1_000_000).as_bytes()).unparsed, Some("not_json"));
    let objects = format!("{}1{}", r#"{"a":"#.repeat(10_000), "}".repeat(10_000));
    assert_eq!(parse(Platform::Facebook, objects.as_bytes()).unparsed, Some("no_entry"));
}

#[test]
fn doubled_keys_odd_numbers_and_a_byte_order_mark_pass() {
    let item = r#"{"sender":{"id":"6","id":"7"},"sender":{"id":"8"},"timestamp":1e999,"message":{"mid":"a","mid":"b","n":1e999,"text":"t"}}"#;
    let item = middle(item.as_bytes());
    let Kind::Message(message) = item.kind else { panic!("a message") };
    assert_eq!((message.mid.as_str(), message.sender.as_str()), ("b", "8"));
    assert_eq!(message.timestamp_ms, Some(5000), "the entry's, which is in seconds");
    let body = format!("\u{feff} {{\"object\":\"page\",\"entry\":[{{\"id\":\"1\",\"messaging\":[{GOOD}]}}]}}\n");
    assert_eq!(parse(Platform::Facebook, body.as_bytes()).items.len(), 1);
}

#[test]
fn envelopes_of_any_shape_are_answered() {
    for (body, reason) in [
        ("", "empty"),
        (" \n", "empty"),
        ("{", "not_json"),
        ("nonsense", "not_json"),
        (r#"{"object":"page","entry":[{"id":"1","messaging":[{"sen"#, "not_json"),
        ("null", "not_an_object"),
        ("5", "not_an_object"),
        ("[5]", "not_an_object"),
        ("[]", "no_entry"),
        (r#"{"object":"user","entry":[]}"#, "unknown_object"),
        (r#"{"object":5,"entry":[]}"#, "unknown_object"),
        (r#"{"object":"page"}"#, "no_entry"),
        (r#"{"object":"page","entry":{}}"#, "no_entry"),
    ] {
        let parsed = parse(Platform::Facebook, body.as_bytes());
        assert_eq!((parsed.unparsed, parsed.items.len()), (Some(reason), 0), "{body}");
    }
}

#[test]
fn a_bad_entry_costs_no_other() {
    let good = format!(r#"{{"id":"1","messaging":[{GOOD}]}}"#);
    let bad = [
        "5",
        "null",
        r#"{"id":"2","messaging":{}}"#,
        r#"{"id":"2","messaging":null,"standby":7,"changes":[5,{}]}"#,
        r#"{"messaging":[{}]}"#,
    ];
    let body = format!(r#"{{"object":"page","entry":[{good},{},{good}]}}"#, bad.join(","));
    let parsed = parse(Platform::Facebook, body.as_bytes());
    assert_eq!(parsed.unparsed, None);
    let kinds: Vec<_> = parsed.items.iter().map(|item| item.kind.malformed().unwrap_or(item.kind.name())).collect();
    assert_eq!(
        kinds,
        [
            "message",
            "no_page",
            "no_page",
            "unknown",
            "item_not_an_object",
            "item_not_an_object",
            "no_field",
            "no_page",
            "message",
        ]
    );
}

#[test]
fn the_object_says_the_platform_and_other_forms_are_read() {
    let flat = r#"[{"object":"instagram","entry":[{"id":"9","time":5,"field":"comments","value":{"id":"1"}}]}]"#;
    let parsed = parse(Platform::Facebook, flat.as_bytes());
    assert_eq!((parsed.items[0].platform, parsed.items[0].kind.name()), (Platform::Instagram, "changes.comments"));
    let without = format!(r#"{{"entry":[{{"id":"1","messaging":[{GOOD}]}}]}}"#);
    assert_eq!(parse(Platform::Instagram, without.as_bytes()).items[0].platform, Platform::Instagram);
    let test = format!(
        r#"{{"object":"page","entry":[{{"id":"0","changes":[{{"field":"messages","value":{GOOD}}}],"messaging":[{GOOD}]}}]}}"#
    );
    let names: Vec<_> = parse(Platform::Facebook, test.as_bytes()).items.iter().map(|item| item.kind.name()).collect();
    assert_eq!(names, ["test", "test"]);
}

#[test]
fn the_business_never_counts_as_a_customer() {
    let item = r#"{"sender":{"id":"1"},"recipient":{"id":"7"},"message":{"mid":"x","text":"t"}}"#;
    assert_eq!(middle(item.as_bytes()).kind.name(), "echo");
    for item in [
        r#"{"sender":{"id":"1"},"recipient":{"id":1},"message":{"mid":"x","text":"t"}}"#,
        r#"{"sender":{"id":"1"},"recipient":{"id":"1"},"message":{"mid":"x","is_echo":true}}"#,
    ] {
        match middle(item.as_bytes()).kind {
            Kind::Message(message) => assert!(message.self_message),
            Kind::Echo(echo) => assert!(echo.self_message),
            other => panic!("{other:?}"),
        }
    }
    let taken_back =
        r#"{"sender":{"id":"1"},"recipient":{"id":"7"},"message":{"mid":"x","is_echo":true,"is_deleted":true}}"#;
    assert_eq!(middle(taken_back.as_bytes()).kind.name(), "unsend");
}

#[test]
fn links_of_other_forms_are_dropped() {
    for link in
        ["//evil.example/x", "/\\evil.example", "reel/5", "data:text/html,x", "https://", "ftp://x/", "", "http:"]
    {
        let item = json!({"sender": {"id": "7"}, "message": {"mid": "x", "attachments": [{"type": "image", "payload": {"url": link}}]}});
        let Kind::Message(message) = middle(item.to_string().as_bytes()).kind else { panic!("a message") };
        assert_eq!(message.attachments[0].url, None, "{link}");
    }
}

#[test]
fn only_web_links_are_kept() {
    let item = r#"{"sender":{"id":"7"},"message":{"mid":"x","attachments":[
        {"type":"FALLBACK","URL":"javascript:alert(1)","title":"T"},{"type":"reel","payload":{"url":"/reel/5"}},{},5,
        {"type":"image","payload":null,"url":"http://x.example/a"},
        {"type":"image","payload":{"url":"https://x.example/1"}},{"type":"image","payload":{"url":"https://x.example/1"}}]}}"#;
    let Kind::Message(message) = middle(item.as_bytes()).kind else { panic!("a message") };
    let seen: Vec<_> = message.attachments.iter().map(|one| (one.kind.as_str(), one.url.as_deref())).collect();
    let twice = ("image", Some("https://x.example/1"));
    assert_eq!(
        seen,
        [
            ("fallback", None),
            ("reel", Some("https://www.facebook.com/reel/5")),
            ("unknown", None),
            ("image", Some("http://x.example/a")),
            twice,
            twice
        ]
    );
}

#[test]
fn a_repeated_item_has_its_key_again_and_no_other_has() {
    let read = br#"{"sender":{"id":"7"},"timestamp":1,"read":{"watermark":5}}"#;
    let spaced = br#"{ "sender": {"id":"7"}, "timestamp":1, "read":{"watermark": 5} }"#;
    let later = br#"{"sender":{"id":"7"},"timestamp":1,"read":{"watermark":6}}"#;
    assert_eq!(middle(read).key, middle(spaced).key);
    assert_ne!(middle(read).key, middle(later).key);
}

#[test]
fn a_body_has_a_bounded_number_of_items() {
    let body = format!(r#"{{"object":"page","entry":[{{"id":"1","messaging":[{}{{}}]}}]}}"#, "{},".repeat(MOST_ITEMS));
    let parsed = parse(Platform::Facebook, body.as_bytes());
    assert_eq!((parsed.items.len(), parsed.unparsed), (MOST_ITEMS, Some("too_many_items")));
}

/// JSON of any shape, rich in the words the parser looks for.
fn any_json() -> impl Strategy<Value = Value> {
    let words = vec![
        "object",
        "entry",
        "id",
        "time",
        "messaging",
        "standby",
        "changes",
        "field",
        "value",
        "sender",
        "recipient",
        "timestamp",
        "message",
        "mid",
        "text",
        "attachments",
        "type",
        "payload",
        "url",
        "title",
        "is_echo",
        "is_deleted",
        "reply_to",
        "story",
        "read",
        "postback",
        "coordinates",
        "lat",
        "long",
        "page",
        "instagram",
        "sticker_id",
        "0",
        "1",
    ];
    let word = prop::sample::select(words);
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        word.clone().prop_map(Value::from),
    ];
    leaf.prop_recursive(6, 60, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::vec((word.clone(), inner), 0..6)
                .prop_map(|pairs| pairs.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()),
        ]
    })
}

/// What holds for every body: an item is JSON that a database takes, and has a key.
fn check(parsed: &Parsed) {
    for (index, item) in parsed.items.iter().enumerate() {
        assert_eq!(item.index, index);
        assert!(!item.key.is_empty());
        assert!(serde_json::from_str::<&serde_json::value::RawValue>(&item.raw).is_ok(), "{}", item.raw);
        assert!(!item.raw.contains('\0'), "{}", item.raw);
    }
}

/// Items without their places, which depend on the body.
fn placeless(parsed: Parsed) -> Vec<Item> {
    parsed.items.into_iter().map(|item| Item { index: 0, ..item }).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_are_answered(body in prop::collection::vec(any::<u8>(), 0..500)) {
        check(&parse(Platform::Facebook, &body));
        check(&between_good(&body));
    }

    #[test]
    fn any_json_is_answered(value in any_json()) {
        let parsed = parse(Platform::Facebook, value.to_string().as_bytes());
        prop_assert!(parsed.unparsed.is_some() || !value.is_null());
    }

    #[test]
    fn any_item_costs_no_neighbour(value in any_json()) {
        middle(value.to_string().as_bytes());
    }

    #[test]
    fn any_field_of_a_message_costs_no_neighbour(key in prop::sample::select(vec![
        "sender", "recipient", "timestamp", "message", "text", "attachments", "reply_to", "referral", "quick_reply", "is_echo",
    ]), value in any_json()) {
        let mut item = json!({"sender": {"id": "7"}, "recipient": {"id": "1"}, "message": {"mid": "m", "text": "t"}});
        let place = if item.get(key).is_some() || key == "timestamp" { &mut item } else { &mut item["message"] };
        place[key] = value;
        middle(item.to_string().as_bytes());
    }

    #[test]
    fn damaged_payloads_are_answered(
        which in any::<prop::sample::Index>(),
        cut in any::<prop::sample::Index>(),
        flips in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..6),
    ) {
        let payloads = payloads();
        let payload = which.get(&payloads);
        let mut body = payload.body.clone();
        for (at, byte) in flips {
            let at = at.index(body.len());
            body[at] = byte;
        }
        check(&parse(payload.platform, &body));
        check(&parse(payload.platform, &body[..cut.index(body.len())]));
    }

    #[test]
    fn a_batch_is_the_sum_of_its_entries(picks in prop::collection::vec(any::<prop::sample::Index>(), 1..5)) {
        let all = payloads();
        let platform = Platform::Facebook;
        let of_platform: Vec<_> = all.iter().filter(|payload| payload.platform == platform).collect();
        let entries: Vec<Value> = picks
            .iter()
            .flat_map(|pick| {
                let body: Value = serde_json::from_slice(&pick.get(&of_platform).body).expect("JSON");
                body["entry"].as_array().expect("entries").clone()
            })
            .collect();
        let body = |entries: &[Value]| json!({"object": "page", "entry": entries}).to_string();
        let together = placeless(parse(platform, body(&entries).as_bytes()));
        let apart: Vec<Item> = entries
            .iter()
            .flat_map(|entry| placeless(parse(platform, body(std::slice::from_ref(entry)).as_bytes())))
            .collect();
        prop_assert_eq!(together, apart);
    }
}
