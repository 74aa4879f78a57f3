//! Events beside messages, read to their ends: those of the payload files, and the shapes that Meta or its versions vary.

use crate::payloads::payloads;
use chatdesk_meta::{
    Platform,
    webhook::{
        Edit, Handover, HandoverChange, Item, Kind, Policy, PolicyAction, Postback, Reaction, Receipt, Referral,
        Referred, Section, Unsend, parse,
    },
};
use serde_json::{Value, json};

const LAN: &str = "6071938452017734";
const AT: Option<i64> = Some(1_795_366_800_000);

fn kind_of(file: &str) -> Kind {
    let payload = payloads().into_iter().find(|payload| payload.file == file).expect("a payload of that name");
    let mut items = parse(payload.platform, &payload.body).items;
    assert_eq!(items.len(), 1, "{file}");
    items.remove(0).kind
}

fn in_section(section: &str, item: &Value) -> Item {
    let body = json!({ "object": "page", "entry": [{ "id": "1", "time": 1_795_366_800_500_i64, section: [item] }] });
    let mut items = parse(Platform::Facebook, body.to_string().as_bytes()).items;
    assert_eq!(items.len(), 1, "{item}");
    items.remove(0)
}

/// An event of customer 7 to page 1.
fn event(key: &str, value: Value) -> Kind {
    let mut item = json!({ "sender": { "id": "7" }, "recipient": { "id": "1" }, "timestamp": 1_795_366_800_000_i64 });
    item[key] = value;
    in_section("messaging", &item).kind
}

fn said(text: &str) -> Option<String> {
    Some(text.to_owned())
}

#[test]
fn edits_name_text_and_number() {
    let Kind::Edit(edit) = kind_of("facebook/message_edit.json") else { panic!("an edit") };
    let mid = "m_7Qx01KcVbT3uWnLr9sYd0fGhJ1kPzA5eRt6yUiO8pQwSxDcFvBgNhMjKl01_zXcVbN".to_owned();
    let text = said("Hi, do you still have the GREEN one in size M?");
    assert_eq!(*edit, Edit { mid, customer: said(LAN), text, number: 1, timestamp_ms: AT });
    let Kind::Edit(edit) = event("message_edit", json!({ "mid": "m", "text": "", "num_edit": "3" })) else { panic!() };
    assert_eq!((edit.text, edit.number), (None, 3));
    let Kind::Edit(edit) = event("message_edit", json!({ "mid": "m" })) else { panic!("an edit") };
    assert_eq!(edit.number, 1);
    assert_eq!(event("message_edit", json!({ "text": "t" })), Kind::Malformed("no_mid"));
    assert_eq!(event("message_edit", json!("t")), Kind::Malformed("event_not_an_object"));
}

#[test]
fn reactions_are_set_and_taken_back() {
    let Kind::Reaction(reaction) = kind_of("facebook/reaction.json") else { panic!("a reaction") };
    let mid = "m_7Qx30KcVbT3uWnLr9sYd0fGhJ1kPzA5eRt6yUiO8pQwSxDcFvBgNhMjKl30_zXcVbN".to_owned();
    let customer = LAN.to_owned();
    assert_eq!(*reaction, Reaction { mid, customer, by_business: false, reaction: said("❤️"), timestamp_ms: AT });
    for (value, expected) in [
        (json!({ "mid": "m", "action": "react", "reaction": "love" }), said("love")),
        (json!({ "mid": "m", "action": "react" }), said("other")),
        (json!({ "mid": "m", "emoji": "👍" }), said("👍")),
        (json!({ "mid": "m", "action": "unreact" }), None),
        (json!({ "mid": "m", "action": "unreact", "emoji": "👍", "reaction": "like" }), None),
        (json!({ "mid": "m" }), None),
    ] {
        let Kind::Reaction(reaction) = event("reaction", value.clone()) else { panic!("a reaction: {value}") };
        assert_eq!(reaction.reaction, expected, "{value}");
    }
    let ours = json!({ "sender": { "id": 1 }, "recipient": { "id": 7 }, "reaction": { "mid": "m", "emoji": "👍" } });
    let Kind::Reaction(ours) = in_section("messaging", &ours).kind else { panic!("a reaction") };
    assert_eq!((ours.by_business, ours.customer.as_str(), ours.timestamp_ms), (true, "7", Some(1_795_366_800_500)));
    let nobody = json!({ "recipient": { "id": "1" }, "reaction": { "mid": "m" } });
    assert_eq!(in_section("messaging", &nobody).kind, Kind::Malformed("no_sender"));
}

#[test]
fn unsends_name_message_and_customer() {
    let Kind::Unsend(unsend) = kind_of("instagram/deleted_unsend.json") else { panic!("an unsend") };
    assert_eq!((unsend.customer.as_deref(), unsend.timestamp_ms), (Some("1483920576102348"), AT));
    let ours =
        json!({ "sender": { "id": "1" }, "recipient": { "id": "7" }, "message": { "mid": "m", "is_deleted": true } });
    let expected = Unsend { mid: "m".to_owned(), customer: said("7"), timestamp_ms: Some(1_795_366_800_500) };
    assert_eq!(in_section("standby", &ours).kind, Kind::Unsend(expected));
}

#[test]
fn receipts_are_by_watermark_or_message() {
    let customer = || LAN.to_owned();
    let read = Receipt { customer: customer(), mids: vec![], watermark_ms: Some(1_795_366_799_999) };
    assert!(
        matches!(kind_of("facebook/read_watermark.json"), Kind::Read(read) if read.customer == LAN && read.watermark_ms.is_some())
    );
    assert_eq!(
        in_section("messaging", &json!({ "sender": { "id": LAN }, "read": { "watermark": "1795366799999" } })).kind,
        Kind::Read(read)
    );
    let Kind::Read(seen) = kind_of("instagram/seen.json") else { panic!("a read") };
    assert_eq!((seen.mids.len(), seen.watermark_ms), (1, None));
    let Kind::Delivery(delivered) = kind_of("facebook/delivery_mids.json") else { panic!("a delivery") };
    assert_eq!((delivered.mids.len(), delivered.watermark_ms), (2, Some(1_795_366_799_500)));
    let expected = Receipt { customer: customer(), mids: vec![], watermark_ms: Some(1_795_366_799_600) };
    assert_eq!(kind_of("facebook/delivery_no_mids_no_timestamp.json"), Kind::Delivery(expected));
    let odd = event("delivery", json!({ "mids": [5, "", "m", null, "m".repeat(513)], "watermark": 1_795_366_799 }));
    let expected =
        Receipt { customer: "7".to_owned(), mids: vec!["m".to_owned()], watermark_ms: Some(1_795_366_799_000) };
    assert_eq!(odd, Kind::Delivery(expected));
    assert_eq!(event("read", json!({})), Kind::Malformed("no_watermark"));
    let by_page =
        json!({ "sender": { "id": "1" }, "recipient": { "id": "7" }, "read": { "watermark": 1_795_366_799 } });
    assert_eq!(in_section("messaging", &by_page).kind, Kind::Malformed("receipt_of_the_business"));
}

#[test]
fn postbacks_are_known_by_mid_or_by_themselves() {
    let Kind::Postback(postback) = kind_of("facebook/postback_get_started_referral.json") else { panic!("a postback") };
    let mid = said("m_7Qx40KcVbT3uWnLr9sYd0fGhJ1kPzA5eRt6yUiO8pQwSxDcFvBgNhMjKl40_zXcVbN");
    let (reference, source, kind) = (said("flyer-hcm"), said("SHORTLINK"), said("OPEN_THREAD"));
    let expected = Postback {
        mid,
        customer: "7284610395520186".to_owned(),
        title: said("Get Started"),
        payload: said("GET_STARTED"),
        referral: Some(Referral { reference, source, kind, ..Referral::default() }),
        timestamp_ms: AT,
    };
    assert_eq!(*postback, expected);
    let old = json!({ "sender": { "id": "7" }, "timestamp": 5, "postback": { "title": "Go", "payload": "GO" } });
    let (old, again) = (in_section("messaging", &old), in_section("messaging", &old));
    assert!(old.key.starts_with("sha256:") && old.key == again.key);
    let Kind::Postback(postback) = old.kind else { panic!("a postback") };
    assert_eq!((postback.mid, postback.payload.as_deref()), (None, Some("GO")));
    let named = json!({ "sender": { "id": "7" }, "postback": { "mid": "m_p", "title": "Go" } });
    assert_eq!(in_section("standby", &named).key, "m_p");
    assert_eq!(event("postback", json!({ "mid": "m".repeat(513) })), Kind::Malformed("mid_too_long"));
    let anonymous = json!({ "sender": { "user_ref": "u" }, "postback": { "title": "Go" } });
    assert_eq!(in_section("messaging", &anonymous).kind, Kind::Malformed("no_sender"));
}

#[test]
fn referrals_say_where_from() {
    let Kind::Referral(referred) = kind_of("facebook/referral_mme_seconds.json") else { panic!("a referral") };
    assert_eq!((referred.customer.as_str(), referred.timestamp_ms), ("7284610395520186", AT));
    assert_eq!(referred.referral.reference.as_deref(), Some("poster-3"));
    let ad = json!({
        "source": "ADS", "type": "OPEN_THREAD", "ad_id": 120_209_876_543_210_i64,
        "ads_context_data": { "ad_title": "Áo mới", "photo_url": "https://x.example/a.jpg", "post_id": "9_8", "product_id": 5 },
    });
    let referral = Referral {
        source: said("ADS"),
        kind: said("OPEN_THREAD"),
        ad_id: said("120209876543210"),
        title: said("Áo mới"),
        photo_url: said("https://x.example/a.jpg"),
        post_id: said("9_8"),
        product_id: said("5"),
        reference: None,
    };
    let expected = Referred { customer: "7".to_owned(), referral: referral.clone(), timestamp_ms: AT };
    assert_eq!(event("referral", ad.clone()), Kind::Referral(Box::new(expected)));
    // The same in a message; a product alone stays apart.
    let Kind::Message(message) = event("message", json!({ "mid": "m", "text": "t", "referral": ad })) else { panic!() };
    assert_eq!((message.referral, message.referral_product), (Some(referral), None));
    let product = json!({ "mid": "m", "text": "t", "referral": { "product": { "id": "55" } } });
    let Kind::Message(message) = event("message", product) else { panic!("a message") };
    assert_eq!((message.referral, message.referral_product.as_deref()), (None, Some("55")));
}

#[test]
fn handovers_name_the_owners() {
    let change = |file: &str| match kind_of(file) {
        Kind::Handover(Handover { customer, change, timestamp_ms }) => {
            assert_eq!((customer.as_str(), timestamp_ms), (LAN, AT), "{file}");
            change
        }
        other => panic!("a handover, not {other:?}"),
    };
    let (ours, inbox) = (said("881204773561902"), said("263902037430900"));
    let passed = HandoverChange::Pass { to: ours, from: inbox.clone() };
    assert_eq!(change("facebook/handover_pass.json"), passed);
    let taken = HandoverChange::Take { to: inbox, from: None };
    assert_eq!(change("facebook/handover_take_null_owner_numbers.json"), taken);
    let asked = event("request_thread_control", json!({ "requested_owner_app_id": 881_204_773_561_902_i64 }));
    let by = said("881204773561902");
    assert!(matches!(asked, Kind::Handover(Handover { change: HandoverChange::Request { by: got }, .. }) if got == by));
    let none = event("pass_thread_control", json!({ "new_owner_app_id": 0 }));
    let nobody = HandoverChange::Pass { to: None, from: None };
    assert!(matches!(none, Kind::Handover(Handover { change, .. }) if change == nobody));
}

#[test]
fn policies_say_what_meta_does() {
    let policy = |action| Kind::Policy(Policy { action, timestamp_ms: AT });
    assert_eq!(kind_of("facebook/policy_enforcement_block.json"), policy(PolicyAction::Block));
    for (key, action, expected) in [
        ("policy_enforcement", "unblock", PolicyAction::Unblock),
        ("policy-enforcement", "WARNING", PolicyAction::Warning),
        ("policy_enforcement", "frown", PolicyAction::Other),
    ] {
        assert_eq!(event(key, json!({ "action": action })), policy(expected));
    }
}

#[test]
fn changes_of_the_fields_of_conversations_are_what_they_hold() {
    let inner = |key: &str, value: Value| json!({ "sender": { "id": "7" }, "recipient": { "id": "1" }, "timestamp": "1527459824", key: value });
    for (field, value, name) in [
        ("messages", inner("message", json!({ "mid": "m", "text": "t" })), "message"),
        ("messages", inner("message", json!({ "mid": "m", "is_echo": true })), "echo"),
        ("message_reactions", inner("reaction", json!({ "mid": "m" })), "reaction"),
        ("messaging_postbacks", inner("postback", json!({ "title": "t" })), "postback"),
        ("messaging_seen", inner("read", json!({ "mid": "m" })), "read"),
        ("message_edit", inner("message_edit", json!({ "mid": "m" })), "message_edit"),
        ("messaging_referral", inner("referral", json!({ "ref": "r" })), "referral"),
        ("messages", json!("odd"), "changes.messages"),
        ("message_template_status_update", json!({ "event": "APPROVED" }), "changes.messages"),
        ("messages", inner("message", json!({ "text": "t" })), "malformed"),
        ("feed", inner("message", json!({ "mid": "m" })), "changes.feed"),
        ("leadgen", json!({}), "changes.other"),
    ] {
        let item = in_section("changes", &json!({ "field": field, "value": value }));
        assert_eq!((item.kind.name(), item.section), (name, Section::Changes), "{field} {value}");
        let flat = json!([{ "object": "page", "entry": [{ "id": "1", "time": 1_527_459_824, "field": field, "value": value }] }]);
        let flat = parse(Platform::Facebook, flat.to_string().as_bytes()).items.remove(0);
        assert_eq!((flat.kind.name(), flat.section), (name, Section::Changes), "{field} {value}");
    }
    let Kind::Message(message) =
        in_section("changes", &json!({ "field": "messages", "value": inner("message", json!({ "mid": "m" })) })).kind
    else {
        panic!("a message")
    };
    assert_eq!((message.sender.as_str(), message.timestamp_ms), ("7", Some(1_527_459_824_000)));
    // Another app's conversation stays another app's in this form too.
    let aside = json!({ "field": "standby", "value": inner("message", json!({ "mid": "m", "text": "t" })) });
    let aside = in_section("changes", &aside);
    assert_eq!((aside.kind.name(), aside.section), ("message", Section::Standby));
    // The dashboard's button sends to the page 0, as text or number.
    for id in [json!("0"), json!(0)] {
        let test =
            json!({ "object": "page", "entry": [{ "id": id, "changes": [{ "field": "messages", "value": {} }] }] });
        assert_eq!(parse(Platform::Facebook, test.to_string().as_bytes()).items[0].kind, Kind::Test);
    }
}

#[test]
fn one_item_may_stand_for_a_list() {
    let body =
        r#"{"object":"page","entry":[{"id":1,"messaging":{"sender":{"id":7},"message":{"mid":"m","text":"t"}}}]}"#;
    let items = parse(Platform::Facebook, body.as_bytes()).items;
    assert_eq!(items.iter().map(|item| item.kind.name()).collect::<Vec<_>>(), ["message"]);
}

#[test]
fn sections_have_their_names() {
    for section in [Section::Messaging, Section::Standby, Section::Changes] {
        assert_eq!(section.as_str().parse(), Ok(section));
    }
    assert!("entry".parse::<Section>().is_err());
}
