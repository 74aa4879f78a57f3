//! The payload files: each one's signature, what its items are, and what becomes of them by `index.tsv`.

use chatdesk_meta::{
    AppSecrets, Platform,
    webhook::{Attachment, Coordinates, Echo, InboundMessage, Item, Kind, Parsed, Section, envelope, parse},
};
use std::collections::{BTreeMap, BTreeSet};

/// A line of `index.tsv` with its file.
pub struct Payload {
    pub file: String,
    pub platform: Platform,
    pub counts: String,
    pub signature: String,
    pub body: Vec<u8>,
}

pub fn payloads() -> Vec<Payload> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/payloads");
    let index = std::fs::read_to_string(format!("{folder}/index.tsv")).expect("the index");
    let payloads: Vec<Payload> = index
        .lines()
        .skip(1)
        .map(|line| {
            let columns: Vec<&str> = line.split('\t').collect();
            let [file, _, _, counts, signature, _] = columns[..] else { panic!("six columns: {line}") };
            Payload {
                file: file.to_owned(),
                platform: file.split('/').next().expect("a folder").parse().expect("a platform"),
                counts: counts.to_owned(),
                signature: signature.to_owned(),
                body: std::fs::read(format!("{folder}/{file}")).expect("the file"),
            }
        })
        .collect();
    assert_eq!(payloads.len(), 49);
    payloads
}

fn parsed(file: &str) -> Parsed {
    let payload = payloads().into_iter().find(|payload| payload.file == file).expect("a payload of that name");
    parse(payload.platform, &payload.body)
}

fn messages(file: &str) -> Vec<InboundMessage> {
    let kinds = parsed(file).items.into_iter().map(|item| item.kind);
    kinds.filter_map(|kind| if let Kind::Message(message) = kind { Some(*message) } else { None }).collect()
}

fn echoes(file: &str) -> Vec<Echo> {
    let kinds = parsed(file).items.into_iter().map(|item| item.kind);
    kinds.filter_map(|kind| if let Kind::Echo(echo) = kind { Some(*echo) } else { None }).collect()
}

fn only(file: &str) -> InboundMessage {
    let mut messages = messages(file);
    assert_eq!(messages.len(), 1, "{file}");
    messages.remove(0)
}

fn attachment(kind: &str, url: &str, title: Option<&str>) -> Attachment {
    Attachment { kind: kind.to_owned(), url: Some(url.to_owned()), title: title.map(str::to_owned), coordinates: None }
}

#[test]
fn every_signature_is_that_of_the_exact_bytes() {
    let secrets = AppSecrets::parse("chatdesk-test-app-secret").expect("one secret");
    for Payload { file, signature, body, .. } in payloads() {
        assert_eq!(secrets.sign(&body), signature, "{file}");
        assert!(secrets.verify(Some(&signature), &body), "{file}");
        let rewritten: serde_json::Value = serde_json::from_slice(&body).expect("JSON");
        let rewritten = serde_json::to_vec(&rewritten).expect("JSON");
        assert_eq!(secrets.verify(Some(&signature), &rewritten), rewritten == body, "{file}");
    }
}

/// The outcome the index gives an item of this kind, on a connected page.
fn outcome(item: &Item) -> &'static str {
    match item.kind {
        Kind::Message(_) | Kind::Echo(_) | Kind::Postback(_) => "stored",
        Kind::Unsend(_)
        | Kind::Edit(_)
        | Kind::Reaction(_)
        | Kind::Read(_)
        | Kind::Delivery(_)
        | Kind::Referral(_)
        | Kind::Handover(_)
        | Kind::Policy(_) => "status",
        Kind::Optin | Kind::AppRoles | Kind::Change(_) | Kind::Test | Kind::Unknown | Kind::Malformed(_) => "ignored",
    }
}

#[test]
fn every_file_gives_the_counts_of_the_index() {
    for Payload { file, platform, counts, body, .. } in payloads() {
        let parsed = parse(platform, &body);
        assert_eq!(parsed.unparsed, None, "{file}");
        let mut seen = BTreeSet::new();
        let mut found = BTreeMap::from([("stored", 0), ("status", 0), ("ignored", 0), ("dedup", 0)]);
        for (index, item) in parsed.items.iter().enumerate() {
            assert_eq!((item.index, item.platform), (index, platform), "{file}");
            assert!(serde_json::from_str::<serde_json::Value>(&item.raw).is_ok(), "{file}: {}", item.raw);
            // What we sent ourselves is known beforehand; this page is connected nowhere.
            let known = file.contains("echo_own") && matches!(item.kind, Kind::Echo(_));
            let what = match outcome(item) {
                _ if item.page_id == "318840056127793" => "ignored",
                "stored" if known || !seen.insert((&item.page_id, &item.key)) => "dedup",
                other => other,
            };
            *found.get_mut(what).expect("a counted outcome") += 1;
        }
        let found = ["stored", "status", "ignored", "dedup"].map(|what| format!("{what}={}", found[what])).join(";");
        assert_eq!(found, counts, "{file}");
    }
}

#[test]
fn every_file_gives_exactly_its_kinds() {
    const MESSAGE: &[&str] = &["message"];
    let mut seen = 0;
    for (file, expected) in [
        ("facebook/text.json", MESSAGE),
        ("facebook/text_vi_unicode_escaped.json", MESSAGE),
        ("facebook/quick_reply.json", MESSAGE),
        ("facebook/reply_to_mid.json", MESSAGE),
        ("facebook/image.json", MESSAGE),
        ("facebook/text_with_three_media.json", MESSAGE),
        ("facebook/audio.json", MESSAGE),
        ("facebook/sticker_transition_pair.json", MESSAGE),
        ("facebook/fallback_link.json", MESSAGE),
        ("facebook/location.json", MESSAGE),
        ("facebook/referral_product.json", MESSAGE),
        ("facebook/echo_own_app.json", &["echo"]),
        ("facebook/echo_page_inbox_human.json", &["echo"]),
        ("facebook/message_edit.json", &["message_edit"]),
        ("facebook/reaction.json", &["reaction"]),
        ("facebook/read_watermark.json", &["read"]),
        ("facebook/delivery_mids.json", &["delivery"]),
        ("facebook/delivery_no_mids_no_timestamp.json", &["delivery"]),
        ("facebook/postback_get_started_referral.json", &["postback"]),
        ("facebook/referral_mme_seconds.json", &["referral"]),
        ("facebook/optin_notification_messages.json", &["optin"]),
        ("facebook/handover_pass.json", &["handover"]),
        ("facebook/handover_take_null_owner_numbers.json", &["handover"]),
        ("facebook/handover_app_roles_no_sender.json", &["app_roles"]),
        ("facebook/standby_message_echo_read.json", &["message", "echo", "read"]),
        ("facebook/policy_enforcement_block.json", &["policy_enforcement"]),
        ("facebook/feed_comment_add.json", &["changes.feed"]),
        ("facebook/nasty_batch_three_pages.json", &["message", "message", "message", "message", "message"]),
        ("facebook/nasty_mixed_kinds.json", &["delivery", "read", "message", "reaction", "postback", "changes.feed"]),
        ("facebook/nasty_duplicate_mid.json", &["message", "message", "message"]),
        ("facebook/nasty_out_of_order.json", &["message", "message", "message"]),
        ("facebook/nasty_unknown_kind.json", &["unknown", "unknown", "message", "changes.other"]),
        (
            "facebook/nasty_missing_fields.json",
            &["malformed", "malformed", "malformed", "malformed", "malformed", "message"],
        ),
        ("facebook/nasty_ids_as_numbers.json", MESSAGE),
        ("facebook/nasty_empty_messaging.json", &[]),
        ("instagram/text.json", MESSAGE),
        ("instagram/share_and_ig_post.json", MESSAGE),
        ("instagram/ig_reel.json", MESSAGE),
        ("instagram/story_mention.json", MESSAGE),
        ("instagram/story_reply.json", MESSAGE),
        ("instagram/unsupported.json", MESSAGE),
        ("instagram/deleted_unsend.json", &["unsend"]),
        ("instagram/message_edit.json", &["message_edit"]),
        ("instagram/reaction.json", &["reaction"]),
        ("instagram/seen.json", &["read"]),
        ("instagram/echo_own.json", &["echo"]),
        ("instagram/postback_icebreaker.json", &["postback"]),
        ("instagram/comments_changes.json", &["changes.comments"]),
        (
            "instagram/nasty_batch_two_accounts_mixed.json",
            &["message", "message", "message", "read", "changes.live_comments"],
        ),
    ] {
        let names: Vec<_> = parsed(file).items.iter().map(|item| item.kind.name()).collect();
        assert_eq!(names, expected, "{file}");
        seen += 1;
    }
    assert_eq!(seen, 49, "every file");
    let reasons = parsed("facebook/nasty_missing_fields.json").items;
    let reasons: Vec<_> = reasons.iter().filter_map(|item| item.kind.malformed()).collect();
    assert_eq!(reasons, ["no_sender", "no_sender", "no_mid", "no_mid", "message_null"]);
}

#[test]
fn a_text_is_read_whole() {
    let message = only("facebook/text.json");
    assert_eq!(message.sender, "6071938452017734");
    assert_eq!(message.timestamp_ms, Some(1_795_366_800_000));
    assert_eq!(message.text.as_deref(), Some("Hi, do you still have the blue one in size M?"));
    assert!(message.attachments.is_empty() && !message.self_message && !message.is_unsupported);
    let item = parsed("facebook/text.json").items.remove(0);
    assert_eq!((item.page_id.as_str(), item.section), ("104852197630411", Section::Messaging));
    assert_eq!(item.key, message.mid);
    assert_eq!(
        only("facebook/text_vi_unicode_escaped.json").text.as_deref(),
        Some("Chào shop 👋 áo này còn size M không ạ? Giá 250.000₫ / cái — mình ở Đà Nẵng 🇻🇳")
    );
}

#[test]
fn what_hangs_on_a_message_is_read() {
    assert_eq!(only("facebook/quick_reply.json").quick_reply_payload.as_deref(), Some("PICK_SIZE::M"));
    assert_eq!(only("facebook/reply_to_mid.json").reply_to_mid, Some(only("facebook/text.json").mid));
    assert_eq!(only("facebook/referral_product.json").referral_product.as_deref(), Some("5500112233445566"));
    assert!(only("instagram/unsupported.json").is_unsupported);
    let story = only("instagram/story_reply.json").reply_to_story.expect("a story");
    assert!(story.id.is_some() && story.url.is_some());
}

#[test]
fn attachments_keep_their_order_and_doubles_are_one() {
    let cdn = "https://scontent.example-fbcdn.net/v/t1";
    let three: Vec<_> = [("image", "b1.jpg"), ("image", "b2.png"), ("video", "b3.mp4")]
        .map(|(kind, name)| attachment(kind, &format!("{cdn}/{name}"), None))
        .into();
    assert_eq!(only("facebook/text_with_three_media.json").attachments, three);
    let sticker = [attachment("sticker", &format!("{cdn}/st.png"), None)];
    assert_eq!(only("facebook/sticker_transition_pair.json").attachments, sticker);
    let posts = only("instagram/share_and_ig_post.json").attachments;
    assert_eq!(posts.iter().map(|post| post.kind.as_str()).collect::<Vec<_>>(), ["ig_post"]);
    let link = "https://l.facebook.example/l.php?u=https%3A%2F%2Fshop.example%2Fp%2F42";
    assert_eq!(only("facebook/fallback_link.json").attachments, [attachment("fallback", link, Some("Linen shirt"))]);
    let place = only("facebook/location.json").attachments.remove(0);
    assert_eq!(place.coordinates, Some(Coordinates { lat: 16.0544, long: 108.2022 }));
    assert_eq!((place.kind.as_str(), place.url), ("location", None));
    assert_eq!(messages("facebook/nasty_unknown_kind.json")[0].attachments[0].kind, "hologram");
}

#[test]
fn echoes_name_customer_app_and_metadata() {
    let own = echoes("facebook/echo_own_app.json").remove(0);
    assert_eq!(own.recipient, "6071938452017734");
    assert_eq!((own.app_id.as_deref(), own.metadata.as_deref()), (Some("881204773561902"), Some("chatdesk:out:5f0c")));
    let inbox = echoes("facebook/echo_page_inbox_human.json").remove(0);
    assert_eq!((inbox.app_id.as_deref(), inbox.metadata), (Some("263902037430900"), None));
    let instagram = echoes("instagram/echo_own.json").remove(0);
    assert_eq!((instagram.app_id, instagram.metadata), (None, None));
    assert_eq!(instagram.text.as_deref(), Some("Yes, 12 left."));
}

#[test]
fn ids_and_times_are_exact() {
    assert_eq!(only("facebook/nasty_ids_as_numbers.json").sender, "9007199254740993");
    let item = parsed("facebook/nasty_ids_as_numbers.json").items.remove(0);
    assert_eq!(item.page_id, "104852197630411");
    // Neither recipient nor time of its own: both come from the entry.
    assert_eq!(only("facebook/nasty_missing_fields.json").timestamp_ms, Some(1_795_366_800_136));
    let times: Vec<_> =
        messages("facebook/nasty_out_of_order.json").iter().filter_map(|message| message.timestamp_ms).collect();
    assert_eq!(times, [1_795_366_803_000, 1_795_366_801_000, 1_795_276_800_000]);
}

#[test]
fn every_item_of_every_file_comes_back_from_its_envelope() {
    for Payload { file, platform, body, .. } in payloads() {
        for item in parse(platform, &body).items {
            let again = envelope(item.platform, &item.page_id, item.section, item.entry_ms, &item.raw);
            assert_eq!(parse(platform, &again).items, [Item { index: 0, ..item }], "{file}");
        }
    }
}

#[test]
fn standby_items_say_so() {
    let items = parsed("facebook/standby_message_echo_read.json").items;
    assert!(items.iter().all(|item| item.section == Section::Standby));
    assert_eq!(items.iter().map(|item| item.kind.name()).collect::<Vec<_>>(), ["message", "echo", "read"]);
}
