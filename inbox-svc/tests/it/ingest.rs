//! From a webhook to rows: each message once, in order, in its own tenant, whatever else is in the body.

use chatdesk_proto::inbox::v1::{AiState, ConversationStatus, MessageStatus, SenderType};
use chatdesk_proto::tenants::v1::Platform;
use serde_json::json;

use crate::house::{House, account, echo, hours_ago, message, now_ms, page, until};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_becomes_a_contact_a_conversation_and_an_answer() {
    let house = House::new().await;
    let mid = house.writes("c1", "áo thun đỏ giá bao nhiêu?").await;
    let messages = house.see("an answer that was sent", |all| all.len() == 2 && all[1].status() == MessageStatus::Sent);
    let messages = messages.await;
    assert_eq!(
        (messages[0].platform_message_id.as_str(), messages[0].status()),
        (mid.as_str(), MessageStatus::Received)
    );
    assert_eq!((messages[0].sender_type(), messages[1].sender_type()), (SenderType::Contact, SenderType::Ai));
    assert_eq!(messages[1].content, "re: áo thun đỏ giá bao nhiêu?");
    assert_eq!(messages[1].provenance.as_ref().unwrap().model, "catalogue");
    let sent = house.sent();
    assert_eq!(sent.len(), 1);
    assert_eq!((sent[0].recipient_id.as_str(), sent[0].metadata.as_str()), ("c1", messages[1].id.as_str()));
    assert_eq!(sent[0].channel_id, house.shop.facebook.0.to_string());
    let conversation = until("the contact's name", || async {
        let conversation = house.conversation().await;
        let named = !conversation.contact.as_ref().unwrap().display_name.is_empty();
        named.then_some(conversation)
    })
    .await;
    assert_eq!(conversation.contact.as_ref().unwrap().display_name, "Khách c1");
    assert_eq!((conversation.unread_count, conversation.status()), (0, ConversationStatus::Open));
    assert_eq!(conversation.last_message.unwrap().id, messages[1].id);
    assert!(conversation.is_ai_enabled);
    let window = conversation.reply_window.unwrap();
    assert_eq!(window.human_until.unwrap().seconds - window.ai_until.unwrap().seconds, 6 * 86_400);
    let noted: Option<i64> =
        sqlx::query_scalar("select count(*) from routing.channels where last_event_at is not null")
            .fetch_one(&house.admin)
            .await
            .unwrap();
    assert_eq!(noted, Some(1));
}

/// (case 17)
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_webhook_that_comes_many_times_at_once_is_one_message_and_one_reply() {
    let house = House::new().await;
    let body = page(&house.shop, vec![message("c1", "m1", "hello", now_ms())]);
    let posts = (0..100).map(|_| house.post(Platform::Facebook, &body));
    let events = futures::future::join_all(posts).await;
    house.idle().await;
    let messages = house.see("one answer", |all| all.len() == 2).await;
    assert_eq!(messages[1].status(), MessageStatus::Sent);
    assert_eq!(house.sent().len(), 1);
    let mut outcomes = Vec::new();
    for event in events {
        outcomes.extend(house.outcomes(event).await.into_iter().map(|(_, outcome)| outcome));
    }
    outcomes.sort();
    assert_eq!(outcomes.iter().filter(|outcome| *outcome == "stored").count(), 1);
    assert_eq!(outcomes.iter().filter(|outcome| *outcome == "deduplicated").count(), 99);
    assert_eq!(house.events(0).await.items.iter().filter(|event| event.r#type == 1).count(), 2);
}

/// (case 14)
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn messages_are_ordered_by_metas_time_and_impossible_times_are_now() {
    let house = House::new().await;
    house.meta.ai_off_by_default.store(true, std::sync::atomic::Ordering::SeqCst);
    let at = now_ms() - 60_000;
    let items = vec![
        message("c1", "m3", "third", at + 2),
        message("c1", "m1", "first", at),
        message("c1", "m2", "second", at + 1),
        message("c1", "m0", "yesterday", hours_ago(25)),
        message("c1", "m4", "from the future", now_ms() + 86_400_000),
        message("c1", "m5", "from 1970", 5),
    ];
    house.post(Platform::Facebook, &page(&house.shop, items)).await;
    house.ingested().await;
    let conversation = house.conversation().await;
    let texts: Vec<_> = house.messages(&conversation.id).await.into_iter().map(|message| message.content).collect();
    assert_eq!(texts, ["yesterday", "first", "second", "third", "from the future", "from 1970"]);
    let now = now_ms() / 1000;
    assert!(conversation.last_message_at.unwrap().seconds <= now);
    assert!(conversation.reply_window.unwrap().ai_until.unwrap().seconds <= now + 86_400);
    assert_eq!((conversation.unread_count, conversation.ai.unwrap().state()), (6, AiState::Off));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_old_message_is_kept_and_not_answered_and_opens_no_window() {
    let house = House::new().await;
    house.post(Platform::Facebook, &page(&house.shop, vec![message("c1", "m0", "yesterday", hours_ago(25))])).await;
    house.ingested().await;
    house.idle().await;
    let conversation = house.conversation().await;
    assert!(conversation.reply_window.unwrap().ai_until.unwrap().seconds < now_ms() / 1000);
    assert!(house.asked().is_empty());
}

/// (cases 8, 9)
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_batch_of_everything_hurts_nobody() {
    let house = House::new().await;
    let at = now_ms();
    let user = |id: &str| json!({"id": id});
    let body = json!({"object": "page", "entry": [
        {"id": house.shop.facebook.1, "time": at, "messaging": [
            message("c1", "m1", "one", at),
            {"sender": user("c1"), "recipient": user("p"), "timestamp": at, "read": {"watermark": at}},
            {"sender": user("c1"), "recipient": user("p"), "timestamp": at, "message": {"text": "no mid"}},
            message("c1", "m1", "one", at),
            {"new_kind": {}},
        ]},
        {"id": "12345", "messaging": [message("c9", "m9", "nobody's page", at)]},
        {"id": house.other.facebook.1, "messaging": [message("c1", "m1", "the other shop's", at)],
         "standby": [message("c2", "s1", "another app's", at)], "changes": [{"field": "feed", "value": {}}]},
        "not an entry",
        {"id": "0", "messaging": [message("c1", "t", "test button", at)]},
    ]});
    let event = house.post(Platform::Facebook, &body).await;
    house.idle().await;
    let mut outcomes = house.outcomes(event).await;
    outcomes.sort();
    let want = [
        ("changes.feed", "ignored"),
        ("malformed", "ignored"),
        ("message", "deduplicated"),
        ("message", "stored"),
        ("message", "stored"),
        ("message", "stored"),
        ("read", "status"),
        ("unknown", "ignored"),
    ];
    assert_eq!(outcomes, want.map(|(kind, outcome)| (kind.to_owned(), outcome.to_owned())));
    assert_eq!(house.conversations().await.len(), 1);
    let rows: Vec<(uuid::Uuid, String)> =
        sqlx::query_as("select tenant_id, content from inbox.messages where sender_type = 'contact' order by content")
            .fetch_all(&house.admin)
            .await
            .unwrap();
    let (mine, theirs) = (house.shop.tenant.0, house.other.tenant.0);
    let want = [(theirs, "another app's"), (mine, "one"), (theirs, "the other shop's")];
    assert_eq!(rows, want.map(|(tenant, text)| (tenant, text.to_owned())));
    // The message of the other app's conversation is kept and not answered.
    let mut asked: Vec<_> = house.asked().into_iter().map(|request| request.question).collect();
    asked.sort();
    assert_eq!(asked, ["one", "the other shop's"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_item_the_database_refuses_costs_only_itself() {
    let house = House::new().await;
    house.sql("alter table inbox.messages add constraint no_poison check (content <> 'poison')").await;
    let at = now_ms();
    let items = (0..250).map(|n| {
        let text = if n == 120 { "poison".to_owned() } else { format!("text {n}") };
        message(&format!("c{}", n % 7), &format!("m{n}"), &text, at + n)
    });
    let event = house.post(Platform::Facebook, &page(&house.shop, items.collect())).await;
    house.ingested().await;
    let outcomes = house.outcomes(event).await;
    assert_eq!(outcomes.iter().filter(|(_, outcome)| outcome == "stored").count(), 249);
    assert_eq!(outcomes[120].1, "failed");
    house.idle().await;
    let events = house.events(0).await;
    let seqs: Vec<u64> = events.items.iter().map(|event| event.seq).collect();
    assert_eq!(seqs, (1..=events.items.len() as u64).collect::<Vec<_>>());
    let answered: std::collections::BTreeSet<_> = house.sent().into_iter().map(|sent| sent.recipient_id).collect();
    assert_eq!(answered.len(), 7, "each customer is answered");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_item_that_stumbles_for_long_waits_alone_and_is_taken_when_it_can_be() {
    let house = House::new().await;
    house
        .sql(
            "create function stumble() returns trigger language plpgsql as $$
             begin raise exception 'again' using errcode = 'serialization_failure'; end $$;
             create trigger stumble before insert on inbox.messages for each row when (new.content = 'stuck')
             execute function stumble()",
        )
        .await;
    let at = now_ms();
    let items =
        vec![message("c1", "m1", "one", at), message("c2", "m2", "stuck", at), message("c3", "m3", "three", at)];
    let event = house.post(Platform::Facebook, &page(&house.shop, items)).await;
    until("its neighbours", || async { (house.outcomes(event).await.len() == 2).then_some(()) }).await;
    let look = async || -> (String, i64) {
        let stored = "select state, (select count(*) from inbox.messages where sender_type = 'contact') from inbox.webhook_events";
        sqlx::query_as(stored).fetch_one(&house.admin).await.unwrap()
    };
    assert_eq!(look().await, ("new".to_owned(), 2), "a body never fails because the database is slow");
    house.sql("drop trigger stumble on inbox.messages").await;
    house.ingested().await;
    assert_eq!(look().await, ("done".to_owned(), 3));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_came_before_the_page_was_connected_is_nobodys() {
    let house = House::with(|config| config.sweep_grace = chrono::TimeDelta::milliseconds(300)).await;
    let insert = "insert into inbox.webhook_events (id, group_id, platform, body, received_at)
                  values (gen_random_uuid(), gen_random_uuid(), 'facebook', $1, now() - make_interval(mins => $2))";
    for (mid, minutes) in [("m1", 60), ("m2", 0)] {
        let body = page(&house.shop, vec![message("c1", mid, mid, now_ms())]).to_string().into_bytes();
        sqlx::query(insert).bind(body).bind(minutes).execute(&house.admin).await.unwrap();
    }
    house.ingested().await;
    let messages = house.messages(&house.conversation().await.id).await;
    assert_eq!(messages[0].content, "m2");
    assert!(messages.iter().all(|message| message.content != "m1"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_new_customer_waits_for_the_shops_wish_and_a_known_one_does_not() {
    let house = House::new().await;
    house.meta.settings_down.store(true, std::sync::atomic::Ordering::SeqCst);
    let event = house.post(Platform::Facebook, &page(&house.shop, vec![message("c1", "m1", "one", now_ms())])).await;
    until("a try", || async {
        let tried: i64 =
            sqlx::query_scalar("select count(*) from routing.due_work where kind = 'ingest' and last_error <> ''")
                .fetch_one(&house.admin)
                .await
                .unwrap();
        (tried == 1).then_some(())
    })
    .await;
    assert!(house.conversations().await.is_empty() && house.outcomes(event).await.is_empty());
    house.meta.ai_off_by_default.store(true, std::sync::atomic::Ordering::SeqCst);
    house.meta.settings_down.store(false, std::sync::atomic::Ordering::SeqCst);
    house.ingested().await;
    assert_eq!(house.conversation().await.ai.unwrap().state(), AiState::Off);
    house.meta.settings_down.store(true, std::sync::atomic::Ordering::SeqCst);
    house.writes("c1", "two").await;
    house.see("the second message", |all| all.len() == 2).await;
}

/// (case 7)
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_read_is_kept_as_failed() {
    let house = House::new().await;
    let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
    for body in [b"\xff\x00{".to_vec(), deep.into_bytes(), b"{\"object\":\"user\",\"entry\":[]}".to_vec(), Vec::new()] {
        house.post_bytes(Platform::Facebook, body).await.unwrap();
    }
    house.post_bytes(Platform::Facebook, page(&house.shop, vec![]).to_string().into_bytes()).await.unwrap();
    house.ingested().await;
    let states: Vec<String> =
        sqlx::query_scalar("select state from inbox.webhook_events order by id").fetch_all(&house.admin).await.unwrap();
    assert_eq!(states, ["failed", "failed", "failed", "failed", "done"]);
}

/// (case 6)
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn strange_text_is_stored_and_shown() {
    let house = House::new().await;
    let at = now_ms();
    let body = format!(
        r#"{{"object":"page","entry":[{{"id":"{}","messaging":[
            {{"sender":{{"id":9007199254740993}},"recipient":{{"id":1}},"timestamp":{at},"message":{{"mid":"n1","text":"a\u0000b\ud83dc"}}}},
            {{"sender":{{"id":"9007199254740993"}},"recipient":{{"id":1}},"timestamp":{},"message":{{"mid":"n2","attachments":[
                {{"type":"image","payload":{{"url":"https://cdn.example/a.jpg"}}}},
                {{"type":"location","payload":{{"coordinates":{{"lat":10.5,"long":106.7}}}}}}]}}}}]}}]}}"#,
        house.shop.facebook.1,
        at + 1
    );
    house.post_bytes(Platform::Facebook, body.into_bytes()).await.unwrap();
    house.ingested().await;
    let conversation = house.conversation().await;
    assert_eq!(conversation.contact.as_ref().unwrap().platform_user_id, "9007199254740993");
    let messages = house.messages(&conversation.id).await;
    assert_eq!(messages[0].content, "ab\u{fffd}c");
    let seen: Vec<_> =
        messages[1].attachments.iter().map(|a| (a.kind.as_str(), a.url.as_str(), a.title.as_str())).collect();
    assert_eq!(seen, [("image", "https://cdn.example/a.jpg", ""), ("location", "", "10.5, 106.7")]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_profile_that_cannot_be_had_loses_nothing() {
    let house = House::new().await;
    house.meta.profiles_down.store(true, std::sync::atomic::Ordering::SeqCst);
    house.writes("c1", "hello").await;
    house.see("an answer", |all| all.len() == 2).await;
    until("the profile to be given up", || async {
        let asked: i64 = sqlx::query_scalar("select count(*) from inbox.contacts where profile_at is not null")
            .fetch_one(&house.admin)
            .await
            .unwrap();
        (asked == 1).then_some(())
    })
    .await;
    assert_eq!(house.conversation().await.contact.unwrap().display_name, "");
}

/// (case 18)
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_mid_on_two_channels_is_two_messages() {
    let house = House::new().await;
    let at = now_ms();
    house.post(Platform::Facebook, &page(&house.shop, vec![message("c1", "m1", "here", at)])).await;
    house.post(Platform::Instagram, &account(&house.shop, vec![message("c1", "m1", "there", at)])).await;
    house.ingested().await;
    assert_eq!(house.conversations().await.len(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_person_writing_first_elsewhere_begins_a_conversation() {
    let house = House::new().await;
    house.post(Platform::Facebook, &page(&house.shop, vec![echo("c1", "e1", "Chào bạn!", None)])).await;
    house.ingested().await;
    let conversation = house.conversation().await;
    assert_eq!(conversation.ai.as_ref().unwrap().state(), AiState::Paused);
    assert_eq!(conversation.last_message.unwrap().sender_type(), SenderType::Business);
    assert!(conversation.reply_window.unwrap().human_until.is_none(), "the customer never wrote");
}
