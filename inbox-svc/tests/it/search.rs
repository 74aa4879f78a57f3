//! Conversations found again: by words, by filters, and how many there are of each.

use std::sync::atomic::Ordering;

use chatdesk_platform::{Problem, Role, new_id};
use chatdesk_proto::inbox::v1::conversation_service_client::ConversationServiceClient;
use chatdesk_proto::inbox::v1::label_service_client::LabelServiceClient;
use chatdesk_proto::inbox::v1::update_conversation_request::{Assignee, Labels};
use chatdesk_proto::inbox::v1::*;
use chatdesk_proto::tenants::v1::Platform;

use crate::house::{House, account, hours_ago, message, now_ms, page, until};

async fn find(house: &House, request: ListConversationsRequest) -> Vec<Conversation> {
    let mut client = ConversationServiceClient::new(house.agent());
    client.list_conversations(request).await.unwrap().into_inner().items
}

fn q(words: &str) -> ListConversationsRequest {
    ListConversationsRequest { q: words.to_owned(), ..Default::default() }
}

/// Who wrote in the conversations, newest first.
fn people(found: &[Conversation]) -> Vec<String> {
    found.iter().map(|one| one.contact.as_ref().unwrap().platform_user_id.clone()).collect()
}

async fn house_with(messages: &[(&str, &str)]) -> House {
    let house = House::new().await;
    house.meta.ai_off_by_default.store(true, Ordering::SeqCst);
    let start = now_ms() - 60_000;
    let items = messages
        .iter()
        .enumerate()
        .map(|(at, (user, text))| message(user, &format!("m{at}"), text, start + i64::try_from(at).unwrap()));
    house.post(Platform::Facebook, &page(&house.shop, items.collect())).await;
    house.idle().await;
    house
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn words_are_found_without_marks_by_their_beginnings_wherever_they_were_said() {
    let house = house_with(&[
        ("lan", "Shop ơi áo thun ĐỎ còn không"),
        ("mai", "Cho mình hỏi đầm hoa"),
        ("lan", "giao về Thủ Đức nhé"),
        ("hoa", "áo khoác xanh"),
    ])
    .await;
    for (words, wanted) in [
        ("áo", vec!["hoa", "lan"]),
        ("AO DO", vec!["lan"]),
        ("do thu", vec!["lan"]),
        ("thu duc áo", vec!["lan"]),
        ("khách ma", vec!["mai"]),
        ("khach", vec!["hoa", "lan", "mai"]),
        ("hoa", vec!["hoa", "mai"]),
        ("khoac do", vec![]),
        ("hun", vec![]),
        ("d", vec![]),
        ("o", vec![]),
        ("%", vec![]),
        ("👍", vec![]),
    ] {
        let found = find(&house, q(words)).await;
        assert_eq!(people(&found), wanted, "{words}");
    }
    let found = find(&house, q("ao")).await;
    let told = found[1].found.clone().unwrap();
    assert_eq!(told.text, "Shop ơi áo thun ĐỎ còn không");
    let messages = house.messages(&found[1].id).await;
    assert_eq!(told.message_id, messages[0].id);
    let named = find(&house, q("khach mai")).await[0].found.clone().unwrap();
    assert_eq!((named.message_id.as_str(), named.text.as_str()), ("", "Khách mai"));
    // The newest of several.
    let both = find(&house, q("ao giao")).await[0].found.clone().unwrap();
    assert_eq!(both.message_id, messages[1].id);
    assert!(find(&house, q("")).await.iter().all(|one| one.found.is_none()));

    let mut stranger = ConversationServiceClient::new(house.stranger());
    assert!(stranger.list_conversations(q("ao")).await.unwrap().into_inner().items.is_empty());
    let error = stranger.list_conversations(q(&"x".repeat(201))).await.unwrap_err();
    assert_eq!(Problem::from(&error).fields[0].field, "q");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_people_and_the_assistant_wrote_is_found_too_and_pages_do_not_repeat() {
    let house = House::new().await;
    house.writes("c1", "xin chào").await;
    house.see("an answer", |all| all.len() == 2).await;
    house.idle().await;
    let id = house.conversation().await.id;
    house.sends(&id, "Đơn hàng mã KT99 đã đi", "key-7").await.unwrap();
    for words in ["kt9 don", "re chao"] {
        assert_eq!(find(&house, q(words)).await.len(), 1, "{words}");
    }
    for customer in 0..5 {
        house.writes(&format!("d{customer}"), "áo mưa").await;
    }
    house.idle().await;
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let request = ListConversationsRequest { limit: 2, cursor, ..q("mua ao") };
        let page =
            ConversationServiceClient::new(house.agent()).list_conversations(request).await.unwrap().into_inner();
        seen.extend(people(&page.items));
        cursor = page.next_cursor;
        if cursor.is_empty() {
            break;
        }
    }
    seen.sort();
    assert_eq!(seen, ["d0", "d1", "d2", "d3", "d4"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_there_before_the_search_is_collected_in_time() {
    let house = house_with(&[("lan", "áo thun đỏ"), ("mai", "đầm hoa")]).await;
    // As before the search was there. Locked in the order in which the work locks them.
    house.sql("truncate inbox.terms_progress, inbox.terms").await;
    until("the words of old messages", || async {
        let found = find(&house, q("dam")).await;
        (people(&found) == ["mai"]).then_some(())
    })
    .await;
    assert_eq!(people(&find(&house, q("khach lan")).await), ["lan"]);
    assert_eq!(people(&find(&house, q("thun do")).await), ["lan"]);
    until("the progress to be noted", || async {
        let done: i64 = sqlx::query_scalar("select count(*) from inbox.terms_progress where is_done")
            .fetch_one(&house.admin)
            .await
            .unwrap();
        (done == 2).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn filters_find_and_count_what_they_say() {
    let house = House::new().await;
    house.meta.ai_off_by_default.store(true, Ordering::SeqCst);
    let at = |hours| hours_ago(hours);
    let items = vec![
        message("fresh", "m1", "áo", at(1)),
        message("soon", "m2", "áo", at(21)),
        message("late", "m3", "áo", at(25)),
        message("done", "m4", "áo", at(22)),
        message("mine", "m5", "áo", at(2)),
        message("given", "m6", "áo", at(3)),
        message("robot", "m7", "áo", at(4)),
        message("paused", "m8", "áo", at(5)),
    ];
    house.post(Platform::Facebook, &page(&house.shop, items)).await;
    house.post(Platform::Instagram, &account(&house.shop, vec![message("insta", "i1", "áo", at(6))])).await;
    house.idle().await;
    let all = house.conversations().await;
    let id =
        |user: &str| all.iter().find(|one| one.contact.as_ref().unwrap().platform_user_id == user).unwrap().id.clone();
    let me = new_id();
    let client = || ConversationServiceClient::new(house.as_user(me, Role::Agent));
    let update = async |request: UpdateConversationRequest| client().update_conversation(request).await.unwrap();
    let change = |user: &str| UpdateConversationRequest { conversation_id: id(user), ..Default::default() };
    update(UpdateConversationRequest { status: ConversationStatus::Closed.into(), ..change("done") }).await;
    let assignee = Some(Assignee { user_id: me.to_string() });
    update(UpdateConversationRequest { assignee, ..change("mine") }).await;
    house.switches_ai(&id("robot"), true).await;
    house.switches_ai(&id("paused"), true).await;
    house.sends(&id("paused"), "Dạ", "").await.unwrap();
    house.idle().await;
    sqlx::query("update inbox.conversations set status = 'needs_human', ai_mode = 'handed_over' where id::text = $1")
        .bind(id("given"))
        .execute(&house.admin)
        .await
        .unwrap();
    let label = CreateLabelRequest { name: "Sỉ".to_owned(), color: LabelColor::Green.into() };
    let label = LabelServiceClient::new(house.agent()).create_label(label).await.unwrap().into_inner().id;
    for user in ["mine", "soon", "done"] {
        let labels = Some(Labels { ids: vec![label.clone()] });
        update(UpdateConversationRequest { labels, ..change(user) }).await;
    }
    let list = async |request: ListConversationsRequest| {
        people(&client().list_conversations(request).await.unwrap().into_inner().items)
    };
    let filter = |filter: ConversationFilter| ListConversationsRequest { filter: filter.into(), ..Default::default() };
    use ConversationFilter as F;
    for (given, wanted) in [
        (F::Unspecified, vec!["paused", "fresh", "mine", "given", "robot", "insta", "soon", "done", "late"]),
        (F::Open, vec!["paused", "fresh", "mine", "given", "robot", "insta", "soon", "late"]),
        (F::Unread, vec!["fresh", "mine", "given", "robot", "insta", "soon", "late"]),
        (F::Mine, vec!["mine"]),
        (F::Ai, vec!["robot"]),
        (F::NeedsHuman, vec!["given"]),
        (F::ClosingSoon, vec!["soon"]),
        (F::Closed, vec!["done"]),
    ] {
        assert_eq!(list(filter(given)).await, wanted, "{given:?}");
    }
    let labelled = ListConversationsRequest { label_id: label.clone(), ..Default::default() };
    assert_eq!(list(labelled.clone()).await, ["mine", "soon", "done"]);
    let together = ListConversationsRequest { q: "ao".to_owned(), filter: F::Open.into(), ..labelled };
    assert_eq!(list(together).await, ["mine", "soon"]);
    let channel_id = house.shop.instagram.0.to_string();
    assert_eq!(list(ListConversationsRequest { channel_id, ..Default::default() }).await, ["insta"]);
    let counts = client().count_conversations(CountConversationsRequest {}).await.unwrap().into_inner();
    let wanted = ConversationCounts { open: 8, unread: 7, mine: 1, ai: 1, needs_human: 1, closing_soon: 1 };
    assert_eq!(counts, wanted);
    let others = ConversationServiceClient::new(house.agent()).count_conversations(CountConversationsRequest {}).await;
    assert_eq!(others.unwrap().into_inner().mine, 0);
    let mut stranger = ConversationServiceClient::new(house.stranger());
    let none = stranger.count_conversations(CountConversationsRequest {}).await.unwrap().into_inner();
    assert_eq!(none, ConversationCounts::default());

    let wrong = ListConversationsRequest {
        filter: 99,
        label_id: "x".to_owned(),
        channel_id: "y".to_owned(),
        ..Default::default()
    };
    let error = client().list_conversations(wrong).await.unwrap_err();
    let fields: Vec<String> = Problem::from(&error).fields.into_iter().map(|field| field.field).collect();
    assert_eq!(fields, ["filter", "label_id", "channel_id"]);
}
