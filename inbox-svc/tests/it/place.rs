//! Where a comparison stands within a page, and what old messages it finds do and do not do.

use chatdesk_inbox::Config;
use chatdesk_platform::Error;
use chatdesk_proto::inbox::v1::conversation_service_client::ConversationServiceClient;
use chatdesk_proto::inbox::v1::message_service_client::MessageServiceClient;
use chatdesk_proto::inbox::v1::*;
use chatdesk_proto::tenants::v1::{PlatformAttachment, PlatformMessage};
use chrono::TimeDelta;
use tonic::Status;

use crate::house::{House, hours_ago, now_ms, until};
use crate::locks::conversation_with;
use crate::reconcile::reconnect;
use crate::shelf::stamp;
use crate::vendors::unknown;

fn quick(config: &mut Config) {
    config.reconcile_grace = TimeDelta::zero();
}

/// The Facebook channel's last error, and whether no pass is under way.
async fn standing(house: &House) -> (String, bool) {
    sqlx::query_as("select last_error, pass_from is null from inbox.channel_sync where channel_id = $1")
        .bind(house.shop.facebook.0)
        .fetch_one(&house.admin)
        .await
        .unwrap()
}

/// A page that keeps a message of each of four customers, `c0` the latest, and is about to be read for the first time.
async fn four_customers() -> House {
    let house = House::with(quick).await;
    house.compared().await;
    for at in 0..4 {
        let (user, mid) = (format!("c{at}"), format!("h{at}"));
        house.meta.shelf.keep(house.shop.facebook.0, &user, &mid, "xin chào", false, hours_ago(10 + at));
    }
    house.meta.shelf.read_gate.close();
    reconnect(&house, 0).await;
    house
}

/// Two conversations are read, and the third is asked for.
async fn at_the_third(house: &House) {
    let gate = &house.meta.shelf.read_gate;
    for _ in 0..2 {
        gate.visitor().await;
        gate.let_one_pass();
    }
    gate.visitor().await;
}

fn read(house: &House) -> Vec<String> {
    house.meta.shelf.reads.lock().unwrap().iter().map(|request| request.platform_user_id.clone()).collect()
}

/// Meta asks to wait in the midst of a page: the next look goes on with the conversation that was refused.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rest_keeps_the_place_within_the_page() {
    let house = four_customers().await;
    at_the_third(&house).await;
    let wait = Some(std::time::Duration::from_secs(3000));
    let busy = Status::from(Error::Exhausted { code: "rate_limited", retry_after: wait });
    house.meta.shelf.read_failures.lock().unwrap().push_back(busy);
    house.meta.shelf.read_gate.let_one_pass();
    until("a rest", || async {
        let resting: i64 = sqlx::query_scalar(
            "select count(*) from routing.due_work where kind = 'reconcile' and due_at > now() + interval '30 minutes'",
        )
        .fetch_one(&house.admin)
        .await
        .unwrap();
        (resting == 1).then_some(())
    })
    .await;
    assert_eq!(standing(&house).await, ("rate_limited".to_owned(), false));
    house.meta.shelf.read_gate.open();
    house.sql("update routing.due_work set due_at = now() where kind = 'reconcile'").await;
    house.compared().await;
    assert_eq!(read(&house), ["c0", "c1", "c2", "c2", "c3"]);
    assert_eq!(house.conversations().await.len(), 4);
    assert_eq!(standing(&house).await, (String::new(), true));
}

/// (case 37) A crash in the midst of a page: what was compared before it is not read again. One that moved to the top of Meta's list
/// meanwhile is not taken for one of those.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_crash_keeps_the_place_within_the_page() {
    let house = four_customers().await;
    at_the_third(&house).await;
    house.meta.shelf.keep(house.shop.facebook.0, "c3", "h4", "alo", false, now_ms());
    // Whoever asked is no more, or too late.
    house
        .sql("update routing.due_work set lease_until = null, lease_epoch = lease_epoch + 1 where kind = 'reconcile'")
        .await;
    house.meta.shelf.read_gate.visitor().await;
    house.meta.shelf.read_gate.open();
    house.compared().await;
    house.drained().await;
    assert_eq!(read(&house), ["c0", "c1", "c2", "c3", "c2"]);
    let kept: Vec<String> =
        sqlx::query_scalar("select mid from inbox.messages where mid like 'h_' and mid <> 'h4' order by mid")
            .fetch_all(&house.admin)
            .await
            .unwrap();
    assert_eq!(kept, ["h0", "h1", "h2", "h3"]);
}

/// What a person wrote long ago in Meta's own apps does not take an answer from the assistant that is being written now, and what a
/// customer wrote long ago does not open a closed conversation.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_found_behind_newer_messages_decides_nothing() {
    let house = House::with(quick).await;
    house.compared().await;
    let (shelf, channel) = (&house.meta.shelf, house.shop.facebook.0);
    house.meta.ai_off_by_default.store(true, std::sync::atomic::Ordering::SeqCst);
    house.writes("c1", "hi").await;
    house.writes("c2", "cảm ơn shop").await;
    house.idle().await;
    let (owed, closed) = (conversation_with(&house, "c1").await, conversation_with(&house, "c2").await);
    let close = UpdateConversationRequest {
        conversation_id: closed.clone(),
        status: ConversationStatus::Closed.into(),
        ..Default::default()
    };
    ConversationServiceClient::new(house.agent()).update_conversation(close).await.unwrap();
    let before = house.conversations().await.into_iter().find(|card| card.id == closed).unwrap();
    assert_eq!(before.status(), ConversationStatus::Closed);
    house.switches_ai(&owed, true).await;
    house.idle().await;
    let before_it = (house.asked().len(), house.sent().len());
    house.ai.gate.close();
    house.writes("c1", "còn áo không").await;
    house.ai.gate.visitor().await;
    shelf.keep(channel, "c1", "old-1", "Dạ shop nghe", true, hours_ago(2));
    shelf.keep(channel, "c1", "old-2", "shop ơi", false, hours_ago(3));
    shelf.keep(channel, "c2", "old-3", "shop ơi", false, hours_ago(2));
    reconnect(&house, 24).await;
    house.compared().await;
    house.ai.gate.open();
    let all = until("the answer", || async {
        let all = house.messages(&owed).await;
        let is_there = |one: &Message| one.content.ends_with("còn áo không") && one.status() == MessageStatus::Sent;
        all.last().is_some_and(is_there).then_some(all)
    })
    .await;
    assert_eq!((all[0].content.as_str(), all[1].content.as_str()), ("shop ơi", "Dạ shop nghe"));
    let cards = house.conversations().await;
    let card = |id: &str| cards.iter().find(|card| card.id == id).unwrap();
    assert_eq!(card(&owed).ai.as_ref().unwrap().state(), AiState::Active);
    assert_eq!((card(&closed).status(), card(&closed).unread_count), (before.status(), before.unread_count));
    assert_eq!(house.messages(&closed).await[0].content, "shop ơi");
    assert_eq!((house.asked().len(), house.sent().len()), (before_it.0 + 1, before_it.1 + 1));
}

/// While nobody knows of a message of ours, one that says the same is left where it is; once a person has said that ours did not go out,
/// it comes.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_says_the_same_as_an_unknown_message_is_not_lost_for_good() {
    let house = House::with(|config| {
        quick(config);
        config.reconcile_every = TimeDelta::milliseconds(50);
        // Nobody looks for it; what a look comes to is below.
        config.settle.concurrency = 0;
    })
    .await;
    house.meta.ai_off_by_default.store(true, std::sync::atomic::Ordering::SeqCst);
    house.compared().await;
    house.writes("c1", "hi").await;
    house.idle().await;
    let id = house.conversation().await.id;
    house.meta.script.lock().unwrap().push_back(unknown());
    let lost = house.sends(&id, "Dạ còn ạ", "").await.unwrap().id;
    house.see("an unknown send", |all| all.iter().any(|one| one.status() == MessageStatus::Unknown)).await;
    // With a picture, so it cannot be ours; with our words, so it may be.
    let picture = PlatformAttachment { kind: "image".to_owned(), ..Default::default() };
    let message = PlatformMessage {
        mid: "theirs".to_owned(),
        is_from_business: true,
        text: "Dạ còn ạ".to_owned(),
        created_at: stamp(now_ms()),
        attachments: vec![picture],
    };
    house.meta.shelf.put(house.shop.facebook.0, "c1", message);
    sqlx::raw_sql("update inbox.messages set needs_decision = true where status = 'unknown'")
        .execute(&house.admin)
        .await
        .unwrap();
    until("a pass that left it", || async {
        (standing(&house).await == ("missed_unsettled".to_owned(), true)).then_some(())
    })
    .await;
    assert_eq!(house.messages(&id).await.len(), 2);
    let request = ResolveMessageRequest { conversation_id: id.clone(), message_id: lost.clone(), was_delivered: false };
    MessageServiceClient::new(house.agent()).resolve_message(request).await.unwrap();
    let all = house.see("what was left", |all| all.len() == 3).await;
    let theirs = all.iter().find(|one| one.platform_message_id == "theirs").unwrap();
    assert_eq!((theirs.origin(), theirs.attachments.len()), (MessageOrigin::Recovered, 1));
    let ours = all.iter().find(|one| one.id == lost).unwrap();
    assert_eq!(ours.status(), MessageStatus::Failed);
}
