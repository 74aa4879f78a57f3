//! Channels compared with what Meta keeps: the history of a new connection, and what webhooks never told.

use chatdesk_inbox::Config;
use chatdesk_proto::inbox::v1::{AiState, Conversation, Message, MessageOrigin, MessageStatus, SenderType};
use chatdesk_proto::tenants::v1::Platform;
use chrono::TimeDelta;
use tonic::Status;

use crate::house::{House, hours_ago, message, now_ms, page, until};
use crate::vendors::unknown;

/// What is new is not left to its webhook, and what fails is not rested from.
fn quick(config: &mut Config) {
    config.reconcile_grace = TimeDelta::zero();
}

/// Compares again and again.
fn often(config: &mut Config) {
    quick(config);
    config.reconcile_every = TimeDelta::milliseconds(50);
}

/// Where the Facebook channel stands: whether a pass ended since then, the messages added of each kind, and the error.
async fn standing(house: &House) -> Option<(bool, i64, i64, String)> {
    sqlx::query_as(
        "select pass_from is null and checked_at is not null and s.connected_at = c.connected_at, history_count,
             recovered_count, last_error
         from inbox.channel_sync s join routing.channels c using (tenant_id, channel_id) where channel_id = $1",
    )
    .bind(house.shop.facebook.0)
    .fetch_optional(&house.admin)
    .await
    .unwrap()
}

/// The page is connected anew, so many hours ago.
pub async fn reconnect(house: &House, hours: i32) {
    sqlx::query("update routing.channels set connected_at = now() - make_interval(hours => $2) where channel_id = $1")
        .bind(house.shop.facebook.0)
        .bind(hours)
        .execute(&house.admin)
        .await
        .unwrap();
}

async fn with(house: &House, user: &str) -> Option<(Conversation, Vec<Message>)> {
    let all = house.conversations().await;
    let found = all.into_iter().find(|one| one.contact.as_ref().unwrap().platform_user_id == user)?;
    let messages = house.messages(&found.id).await;
    Some((found, messages))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_new_connection_brings_thirty_days_of_history_marked_and_unanswered() {
    let house = House::with(quick).await;
    house.compared().await;
    let (shelf, channel) = (&house.meta.shelf, house.shop.facebook.0);
    shelf.keep(channel, "c9", "h1", "còn áo không", false, hours_ago(50));
    shelf.keep(channel, "c9", "h2", "Dạ còn ạ", true, hours_ago(49));
    shelf.keep(channel, "c9", "h3", "ok shop", false, hours_ago(2));
    shelf.keep(channel, "c9", "h0", "lâu rồi", false, hours_ago(31 * 24));
    shelf.keep(channel, "c40", "x1", "ngày xưa", false, hours_ago(40 * 24));
    reconnect(&house, 0).await;
    house.compared().await;
    let (card, messages) = with(&house, "c9").await.expect("the conversation");
    let said: Vec<_> = messages.iter().map(|one| (one.platform_message_id.as_str(), one.sender_type())).collect();
    let (contact, business) = (SenderType::Contact, SenderType::Business);
    assert_eq!(said, [("h1", contact), ("h2", business), ("h3", contact)]);
    assert!(messages.iter().all(|one| one.origin() == MessageOrigin::History));
    assert_eq!((card.unread_count, card.ai.as_ref().unwrap().state()), (0, AiState::Active));
    assert_eq!(card.contact.as_ref().unwrap().display_name, "Khách c9", "as Meta's list names them");
    assert_eq!(card.last_message.as_ref().unwrap().platform_message_id, "h3");
    assert!(card.reply_window.unwrap().human_until.is_some(), "what the customer wrote opens the window");
    assert!(with(&house, "c40").await.is_none());
    assert_eq!(standing(&house).await, Some((true, 3, 0, String::new())));
    // The profile comes later, so that many come one after the other.
    let pending: i64 = sqlx::query_scalar("select count(*) from routing.due_work where kind = 'profile'")
        .fetch_one(&house.admin)
        .await
        .unwrap();
    assert_eq!(pending, 1);
    assert!(house.asked().is_empty() && house.sent().is_empty());
    // From now on it is a conversation like any other, and history makes nothing unread.
    house.writes("c9", "còn size M không").await;
    until("the answer", || async {
        let (card, messages) = with(&house, "c9").await?;
        (messages.len() == 5 && messages[4].status() == MessageStatus::Sent && card.unread_count == 0).then_some(())
    })
    .await;
    let request = house.asked().remove(0);
    assert_eq!(request.question, "còn size M không");
    assert_eq!(
        request.history.iter().map(|turn| turn.text.as_str()).collect::<Vec<_>>(),
        ["còn áo không", "Dạ còn ạ", "ok shop"]
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_webhook_never_told_is_found_and_answered_while_it_is_fresh() {
    let house = House::with(often).await;
    house.meta.shelf.keep(house.shop.facebook.0, "c1", "lost-1", "còn áo không", false, now_ms());
    let (_, messages) = until("the answer", || async {
        with(&house, "c1").await.filter(|(_, all)| all.len() == 2 && all[1].status() == MessageStatus::Sent)
    })
    .await;
    assert_eq!(messages[0].origin(), MessageOrigin::Recovered);
    assert_eq!(house.sent()[0].text, "re: còn áo không");
    // The webhook comes after all.
    house.post(Platform::Facebook, &page(&house.shop, vec![message("c1", "lost-1", "còn áo không", now_ms())])).await;
    house.ingested().await;
    assert_eq!(with(&house, "c1").await.unwrap().1.len(), 2);
    assert_eq!((house.asked().len(), house.sent().len()), (1, 1));
    assert_eq!(standing(&house).await.unwrap().2, 1, "counted once");
}

/// (case 112) What is no longer fresh waits for a person, unless somebody answered it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_found_late_is_unread_and_not_answered_by_the_assistant() {
    let house = House::with(quick).await;
    house.compared().await;
    let (shelf, channel) = (&house.meta.shelf, house.shop.facebook.0);
    shelf.keep(channel, "c1", "l1", "còn áo không", false, hours_ago(2));
    shelf.keep(channel, "c2", "l2", "còn quần không", false, hours_ago(2));
    shelf.keep(channel, "c2", "l3", "Dạ còn ạ", true, hours_ago(1));
    reconnect(&house, 24).await;
    house.compared().await;
    let (card, messages) = with(&house, "c1").await.expect("the first");
    assert_eq!((card.unread_count, messages.len(), messages[0].origin()), (1, 1, MessageOrigin::Recovered));
    let (card, messages) = with(&house, "c2").await.expect("the second");
    assert_eq!((card.unread_count, messages.len()), (0, 2));
    assert!(messages.iter().all(|one| one.origin() == MessageOrigin::Recovered));
    assert_eq!(standing(&house).await, Some((true, 0, 3, String::new())));
    assert!(house.asked().is_empty() && house.sent().is_empty());
}

/// (case 37) A crash between pages: the pass goes on at the page it was at, and nothing is there twice.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pass_goes_on_where_it_stood() {
    let house = House::with(quick).await;
    house.compared().await;
    let (shelf, channel) = (&house.meta.shelf, house.shop.facebook.0);
    for at in 0..3 {
        shelf.keep(channel, &format!("c{at}"), &format!("h{at}"), "xin chào", false, hours_ago(10 + at));
    }
    shelf.page.store(1, std::sync::atomic::Ordering::SeqCst);
    shelf.lists.lock().unwrap().clear();
    shelf.list_gate.close();
    reconnect(&house, 0).await;
    shelf.list_gate.visitor().await;
    shelf.list_gate.let_one_pass();
    // The second page is asked for: whoever asks is killed.
    shelf.list_gate.visitor().await;
    house
        .sql("update routing.due_work set lease_until = null, lease_epoch = lease_epoch + 1 where kind = 'reconcile'")
        .await;
    shelf.list_gate.visitor().await;
    shelf.list_gate.open();
    house.compared().await;
    let cursors: Vec<String> = shelf.lists.lock().unwrap().iter().map(|request| request.cursor.clone()).collect();
    assert_eq!(cursors, ["", "1", "1", "2"]);
    assert_eq!(house.conversations().await.len(), 3);
    assert_eq!(standing(&house).await, Some((true, 3, 0, String::new())));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_channel_that_may_not_be_read_ends_quietly_and_is_tried_again_in_time() {
    let house = House::with(often).await;
    house.compared().await;
    let refused = chatdesk_platform::Error::Precondition { code: "needs_reconnect", detail: String::new() };
    house.meta.shelf.list_failures.lock().unwrap().extend((0..4).map(|_| Status::unauthenticated("")));
    house.meta.shelf.list_failures.lock().unwrap().push_back(refused.into());
    house.meta.shelf.keep(house.shop.facebook.0, "c1", "lost-1", "còn áo không", false, now_ms());
    until("what was lost", || async { with(&house, "c1").await }).await;
    assert!(house.meta.shelf.list_failures.lock().unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_may_pass_keeps_its_place_and_one_conversation_costs_no_other() {
    let house = House::with(quick).await;
    house.compared().await;
    let (shelf, channel) = (&house.meta.shelf, house.shop.facebook.0);
    shelf.keep(channel, "c1", "h1", "xin chào", false, hours_ago(10));
    shelf.keep(channel, "c2", "h2", "xin chào", false, hours_ago(11));
    shelf.list_failures.lock().unwrap().push_back(Status::unavailable("down"));
    shelf.read_failures.lock().unwrap().push_back(Status::internal("only Meta knows"));
    reconnect(&house, 0).await;
    until("a pass that was put off", || async {
        let (is_over, _, _, error) = standing(&house).await?;
        (!is_over && error == "unavailable").then_some(())
    })
    .await;
    // Again and again: its rest may be written down after the reason for it.
    until("the pass to end", || async {
        house.sql("update routing.due_work set due_at = now() where kind = 'reconcile' and due_at > now()").await;
        standing(&house).await.filter(|(is_over, ..)| *is_over)
    })
    .await;
    assert_eq!(standing(&house).await, Some((true, 1, 0, "missed_internal".to_owned())));
    assert!(with(&house, "c1").await.is_none() && with(&house, "c2").await.is_some());
}

/// What cannot be read of one conversation, for good, costs no other its turn.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refused_conversation_is_passed_over_and_the_others_are_compared() {
    let house = House::with(quick).await;
    house.compared().await;
    let (shelf, channel) = (&house.meta.shelf, house.shop.facebook.0);
    for at in 0..3 {
        shelf.keep(channel, &format!("c{at}"), &format!("h{at}"), "xin chào", false, hours_ago(10 + at));
    }
    let refused = chatdesk_platform::Error::Precondition { code: "rejected", detail: String::new() };
    shelf.read_failures.lock().unwrap().push_back(refused.into());
    reconnect(&house, 0).await;
    house.compared().await;
    assert_eq!(standing(&house).await, Some((true, 2, 0, "missed_rejected".to_owned())));
    assert!(with(&house, "c0").await.is_none() && with(&house, "c2").await.is_some());
}

/// A page at which Meta fails again and again is gone through in the end, and so is the next.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_that_stands_still_does_not_stop_the_pass_for_ever() {
    let house = House::with(quick).await;
    house.compared().await;
    let (shelf, channel) = (&house.meta.shelf, house.shop.facebook.0);
    for at in 0..5 {
        shelf.keep(channel, &format!("c{at}"), &format!("h{at}"), "xin chào", false, hours_ago(10 + at));
    }
    shelf.page.store(4, std::sync::atomic::Ordering::SeqCst);
    shelf.read_failures.lock().unwrap().extend((0..9).map(|_| Status::unavailable("no time")));
    reconnect(&house, 0).await;
    until("both pages", || async {
        house.sql("update routing.due_work set due_at = now() where kind = 'reconcile' and due_at > now()").await;
        let (is_over, added, ..) = standing(&house).await?;
        (is_over && added == 2).then_some(())
    })
    .await;
    assert_eq!(standing(&house).await.unwrap().3, "missed_unavailable");
    assert!(with(&house, "c3").await.is_some() && with(&house, "c4").await.is_some());
}

/// (case 111) A suspended business is not compared; when it may work again, it is.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_suspended_business_is_left_alone() {
    let house = House::with(often).await;
    house.compared().await;
    house.sql("update routing.tenants set state = 'suspended'").await;
    let swept = || async {
        let due: chrono::DateTime<chrono::Utc> =
            sqlx::query_scalar("select due_at from routing.due_work where kind = 'sweep'")
                .fetch_one(&house.admin)
                .await
                .unwrap();
        due
    };
    until("the work to be gone", || async {
        let left: i64 = sqlx::query_scalar("select count(*) from routing.due_work where kind = 'reconcile'")
            .fetch_one(&house.admin)
            .await
            .unwrap();
        (left == 0).then_some(())
    })
    .await;
    house.meta.shelf.lists.lock().unwrap().clear();
    let before = swept().await;
    until("two sweeps", || async { (swept().await > before + TimeDelta::milliseconds(250)).then_some(()) }).await;
    assert!(house.meta.shelf.lists.lock().unwrap().is_empty());
    house.meta.shelf.keep(house.shop.facebook.0, "c1", "lost-1", "còn áo không", false, now_ms());
    house.sql("update routing.tenants set state = 'active'").await;
    until("what was lost", || async { with(&house, "c1").await }).await;
}

/// (case 27) Our own message of which nobody knows is not taken for a person's, and does not silence the assistant.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lost_message_of_ours_is_known_for_ours() {
    let house = House::with(often).await;
    house.compared().await;
    house.meta.script.lock().unwrap().push_back(unknown());
    let mid = house.writes("c1", "còn áo không").await;
    until("an unknown answer", || async {
        with(&house, "c1").await.filter(|(_, all)| all.len() == 2 && all[1].status() == MessageStatus::Unknown)
    })
    .await;
    let (shelf, channel) = (&house.meta.shelf, house.shop.facebook.0);
    shelf.keep(channel, "c1", &mid, "còn áo không", false, now_ms() - 1000);
    shelf.keep(channel, "c1", "m-real", "re: còn áo không", true, now_ms());
    let (card, messages) = until("proof", || async {
        with(&house, "c1").await.filter(|(_, all)| all.len() == 2 && all[1].status() == MessageStatus::Sent)
    })
    .await;
    assert_eq!((messages[1].platform_message_id.as_str(), messages[1].sender_type()), ("m-real", SenderType::Ai));
    assert_eq!(card.ai.unwrap().state(), AiState::Active);
    assert_eq!(house.sent().len(), 1);
}

/// (case 25) Two instances compare the same channels: what was lost is there once, and answered once.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_instances_find_it_once() {
    let house = House::with(often).await;
    let other = house.another(often).await;
    for at in 0..5 {
        house.meta.shelf.keep(house.shop.facebook.0, &format!("c{at}"), &format!("lost-{at}"), "alo", false, now_ms());
    }
    until("every answer", || async {
        let sent: i64 =
            sqlx::query_scalar("select count(*) from inbox.messages where sender_type = 'ai' and status = 'sent'")
                .fetch_one(&house.admin)
                .await
                .unwrap();
        (sent == 5).then_some(())
    })
    .await;
    other.begin();
    house.drained().await;
    assert_eq!(house.sent().len(), 5);
    assert_eq!(standing(&house).await.unwrap().2, 5);
}
