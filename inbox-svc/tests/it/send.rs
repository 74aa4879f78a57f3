//! Sends: in order, under Meta's rules, at most once, and every outcome shown.

use chatdesk_platform::grpc::Peer;
use chatdesk_platform::{Clock, Problem, ServiceName};
use chatdesk_proto::inbox::v1::{ConversationStatus, MessageStatus, SenderType};
use chatdesk_proto::tenants::v1::{Platform, SendTag};
use chrono::TimeDelta;
use tonic::{Code, Status};

use crate::house::{House, hours_ago, keyring, message, page, until};
use crate::locks::Locks;
use crate::vendors::{Meta, answered, handover, later, refused, unknown};

async fn with_customer(house: &House, at: i64) -> String {
    house.post(Platform::Facebook, &page(&house.shop, vec![message("c1", "m1", "hi", at)])).await;
    house.ingested().await;
    house.idle().await;
    house.conversation().await.id
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_tag_follows_the_age_of_the_customers_last_message() {
    for (hours, tag) in [(1, SendTag::Response), (25, SendTag::HumanAgent)] {
        let house = House::new().await;
        let id = with_customer(&house, hours_ago(hours)).await;
        house.sends(&id, "Chào", "").await.unwrap();
        house.see("a sent message", |all| all.len() == 2 && all[1].status() == MessageStatus::Sent).await;
        assert_eq!(house.sent()[0].tag(), tag);
    }
    let house = House::new().await;
    let id = with_customer(&house, hours_ago(7 * 24 + 1)).await;
    let error = house.sends(&id, "Chào", "").await.unwrap_err();
    assert_eq!((error.code(), Problem::from(&error).code.as_str()), (Code::FailedPrecondition, "window_closed"));
    house.idle().await;
    assert!(house.sent().is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_key_sends_once_and_another_text_under_it_is_refused() {
    let house = House::new().await;
    let id = with_customer(&house, hours_ago(1)).await;
    let tries = (0..8).map(|_| house.sends(&id, "Chào", "key-1"));
    let answers = futures::future::join_all(tries).await;
    let ids: std::collections::BTreeSet<String> = answers.into_iter().map(|answer| answer.unwrap().id).collect();
    assert_eq!(ids.len(), 1);
    let error = house.sends(&id, "Other", "key-1").await.unwrap_err();
    assert_eq!((error.code(), Problem::from(&error).code.as_str()), (Code::AlreadyExists, "idempotency_key_reused"));
    house.idle().await;
    assert_eq!(house.sent().len(), 1);
    // The answer is the message as it is now.
    assert_eq!(house.sends(&id, "Chào", "key-1").await.unwrap().status(), MessageStatus::Sent);
}

/// (case 35)
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_long_answer_goes_out_in_parts_and_in_order() {
    let house = House::new().await;
    let text = "chữ ".repeat(1200);
    house.ai.script.lock().unwrap().push_back(Ok(answered(&text)));
    house.writes("c1", "one").await;
    let messages = house.see("three parts", |all| {
        all.len() == 4 && all.iter().skip(1).all(|message| message.status() == MessageStatus::Sent)
    });
    let parts: Vec<_> = messages.await.into_iter().skip(1).map(|message| message.id).collect();
    let sent = house.sent();
    assert_eq!(sent.iter().map(|request| request.metadata.clone()).collect::<Vec<_>>(), parts);
    let words = sent.iter().flat_map(|request| request.text.split_whitespace()).count();
    assert_eq!(words, 1200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_a_part_that_is_not_out_for_certain_no_other_goes() {
    for (outcome, status) in [(refused("rejected"), MessageStatus::Failed), (unknown(), MessageStatus::Unknown)] {
        let house = House::new().await;
        house.ai.script.lock().unwrap().push_back(Ok(answered(&"chữ ".repeat(1200))));
        house.meta.script.lock().unwrap().push_back(outcome);
        house.writes("c1", "one").await;
        let messages = house.see("every part's end", |all| {
            all.len() == 4 && all[3].status() == MessageStatus::Failed && all[1].status() == status
        });
        let messages = messages.await;
        assert_eq!(messages[2].failure.as_ref().unwrap().code, "previous_part");
        assert_eq!(house.sent().len(), 1);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refused_answer_is_shown_and_a_person_must_look() {
    let house = House::new().await;
    house.meta.script.lock().unwrap().push_back(refused("rejected"));
    house.writes("c1", "one").await;
    let messages = house.see("a failed send", |all| all.len() == 2 && all[1].status() == MessageStatus::Failed).await;
    let failure = messages[1].failure.as_ref().unwrap();
    assert_eq!((failure.code.as_str(), failure.detail.as_str()), ("rejected", "No."));
    assert_eq!(house.conversation().await.status(), ConversationStatus::NeedsHuman);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_certainly_did_not_go_out_is_tried_again_in_order() {
    let house = House::new().await;
    let id = with_customer(&house, hours_ago(1)).await;
    house.meta.gate.close();
    house.sends(&id, "first", "").await.unwrap();
    house.meta.gate.visitor().await;
    let busy = Status::from(chatdesk_platform::Error::Exhausted {
        code: "overloaded",
        retry_after: Some(std::time::Duration::from_millis(1)),
    });
    house.meta.script.lock().unwrap().extend([later(), Err(busy)]);
    house.sends(&id, "second", "").await.unwrap();
    house.meta.gate.open();
    house.see("both", |all| all.len() == 3 && all.iter().skip(1).all(|m| m.status() == MessageStatus::Sent)).await;
    let sent: Vec<_> = house.sent().into_iter().map(|request| request.text).collect();
    assert_eq!(sent, ["first", "first", "first", "second"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_service_that_is_not_there_is_not_an_unknown_send() {
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let minter = keyring().minter(ServiceName::Inbox).unwrap();
    let nobody =
        Peer::remote(ServiceName::Tenants, &format!("http://{closed}"), &Default::default(), minter, Clock::system())
            .unwrap();
    let house = House::over(nobody, std::sync::Arc::new(Meta::default()), |_| {}).await;
    // A customer who is known: of a new one it would have to be asked whether the assistant answers.
    let (tenant, channel) = (house.shop.tenant.0, house.shop.facebook.0);
    sqlx::query(
        "with known as (
             insert into inbox.contacts (tenant_id, id, channel_id, platform, platform_user_id, created_at)
             values ($1, gen_random_uuid(), $2, 'facebook', 'c1', now()) returning id)
         insert into inbox.conversations (tenant_id, id, channel_id, contact_id, platform, ai_mode, last_message_at, created_at)
         select $1, gen_random_uuid(), $2, id, 'facebook', 'active', now(), now() from known",
    )
    .bind(tenant)
    .bind(channel)
    .execute(&house.admin)
    .await
    .unwrap();
    house.writes("c1", "one").await;
    until("a message that was put back", || async {
        let waiting: i64 = sqlx::query_scalar(
            "select count(*) from inbox.messages where status = 'queued' and sending_at is not null and send_after is not null",
        )
        .fetch_one(&house.admin)
        .await
        .unwrap();
        (waiting == 1).then_some(())
    })
    .await;
}

/// (case 37)
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_finds_a_message_in_sending_calls_it_unknown_and_the_lost_sender_writes_nothing() {
    let house = House::new().await;
    house.meta.gate.close();
    house.writes("c1", "one").await;
    house.meta.gate.visitor().await;
    // As after a crash: the lease is gone while the call is out.
    house
        .sql("update routing.due_work set lease_until = null, lease_epoch = lease_epoch + 1 where kind = 'send'")
        .await;
    house.see("an unknown send", |all| all.len() == 2 && all[1].status() == MessageStatus::Unknown).await;
    house.meta.gate.open();
    // A later message shows that the conversation goes on.
    let id = house.conversation().await.id;
    house.sends(&id, "Chào", "").await.unwrap();
    house.see("the next", |all| all.len() == 3 && all[2].status() == MessageStatus::Sent).await;
    house.drained().await;
    let messages = house.messages(&id).await;
    assert_eq!((messages[1].status(), messages[1].platform_message_id.as_str()), (MessageStatus::Unknown, ""));
    let texts: Vec<_> = house.sent().into_iter().map(|request| request.text).collect();
    assert_eq!(texts, ["re: one", "Chào"]);
}

/// (case 24)
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_queued_answer_gives_way_to_a_person() {
    let house = House::new().await;
    let retry_after = Some(std::time::Duration::from_secs(60));
    let busy = chatdesk_platform::Error::Exhausted { code: "overloaded", retry_after };
    house.meta.script.lock().unwrap().push_back(Err(busy.into()));
    house.writes("c1", "one").await;
    let waiting = |all: &[chatdesk_proto::inbox::v1::Message]| all.len() == 2 && house.sent().len() == 1;
    house.see("an answer that waits", waiting).await;
    let id = house.conversation().await.id;
    house.sends(&id, "Tôi đây", "").await.unwrap();
    let messages = house.see("the person's message", |all| {
        all.len() == 3 && all[2].status() == MessageStatus::Sent && all[1].status() == MessageStatus::Failed
    });
    let messages = messages.await;
    assert_eq!(messages[1].failure.as_ref().unwrap().code, "superseded");
    assert_eq!(messages[2].sender_type(), SenderType::Business);
    let sent: Vec<_> = house.sent().into_iter().map(|request| request.text).collect();
    assert_eq!(sent, ["re: one", "Tôi đây"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_handover_line_is_not_said_after_the_person_has_come() {
    let house = House::new().await;
    let retry_after = Some(std::time::Duration::from_secs(60));
    let busy = chatdesk_platform::Error::Exhausted { code: "overloaded", retry_after };
    house.meta.script.lock().unwrap().push_back(Err(busy.into()));
    house.ai.script.lock().unwrap().push_back(Ok(handover("Dạ em chuyển nhân viên ạ", "asks_for_person")));
    house.writes("c1", "one").await;
    house.see("a line that waits", |all| all.len() == 2 && house.sent().len() == 1).await;
    let id = house.conversation().await.id;
    house.sends(&id, "Tôi đây", "").await.unwrap();
    let messages = house.see("the person's message", |all| all.len() == 3 && all[2].status() == MessageStatus::Sent);
    assert_eq!(messages.await[1].failure.as_ref().unwrap().code, "superseded");
    assert_eq!(house.conversation().await.status(), ConversationStatus::Open);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_disconnected_channel_is_told_at_once() {
    let house = House::new().await;
    let id = with_customer(&house, hours_ago(1)).await;
    house.sql("delete from routing.channels").await;
    let error = house.sends(&id, "Chào", "").await.unwrap_err();
    assert_eq!((error.code(), Problem::from(&error).code.as_str()), (Code::FailedPrecondition, "channel_disconnected"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_nobody_can_send_is_shown_as_failed() {
    let house = House::new().await;
    let id = with_customer(&house, hours_ago(1)).await;
    house
        .sql(
            "create function stumble() returns trigger language plpgsql as $$ begin raise exception 'no'; end $$;
             create trigger stumble before update on inbox.messages for each row when (new.status = 'sending')
             execute function stumble()",
        )
        .await;
    house.sends(&id, "Chào", "").await.unwrap();
    let messages = house.see("a failed send", |all| all.len() == 2 && all[1].status() == MessageStatus::Failed).await;
    assert_eq!(messages[1].failure.as_ref().unwrap().code, "not_sent");
    assert!(house.sent().is_empty());
    assert_eq!(house.conversation().await.status(), ConversationStatus::NeedsHuman);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lost_answer_after_the_echo_holds_nothing_up() {
    let house = House::new().await;
    house.ai.script.lock().unwrap().push_back(Ok(answered(&"chữ ".repeat(600))));
    house.meta.gate.close();
    house.meta.script.lock().unwrap().push_back(unknown());
    house.writes("c1", "one").await;
    house.meta.gate.visitor().await;
    let id = house.sent()[0].metadata.clone();
    let item = crate::house::echo("c1", "m-real", "chữ", Some(&id));
    house.post(Platform::Facebook, &page(&house.shop, vec![item])).await;
    house.see("proof", |all| all.len() == 3 && all[1].status() == MessageStatus::Sent).await;
    house.meta.gate.open();
    house.see("the second part", |all| all.len() == 3 && all[2].status() == MessageStatus::Sent).await;
}

/// (case 25) A sender that was stopped for longer than its lease, after it chose a message: the message goes back and is handed over anew,
/// and nothing is sent that somebody else may have sent meanwhile.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_was_stopped_for_longer_than_its_lease_hands_nothing_over() {
    // Behind the database's, so that what is due by this clock is due.
    let (clock, hand) = Clock::manual(Clock::system().now() - TimeDelta::hours(1));
    let house = House::at(clock, |config| config.sweep_every = std::time::Duration::from_secs(7200)).await;
    house.meta.ai_off_by_default.store(true, std::sync::atomic::Ordering::SeqCst);
    house
        .sql(
            "update routing.channels set connected_at = now() - interval '1 day';
             create table public.steps (n bigserial, message uuid, status text);
             create function stop() returns trigger language plpgsql security definer as $$
             begin
                 if new.status = 'sending' then perform pg_advisory_xact_lock(7); end if;
                 insert into public.steps (message, status) values (new.id, new.status);
                 return new;
             end $$;
             create trigger stop before update on inbox.messages for each row when (new.status <> old.status)
             execute function stop()",
        )
        .await;
    let id = with_customer(&house, hours_ago(1)).await;
    // On a slow machine the wait for the lock may end by itself.
    for round in 1..=10 {
        let mut gate = Locks::new(&house).await;
        gate.run("select pg_advisory_xact_lock(7)").await;
        let message = house.sends(&id, &format!("Chào {round}"), "").await.unwrap().id;
        gate.awaited(&house, 1).await;
        hand.advance(TimeDelta::seconds(60));
        gate.end().await;
        house
            .see("the message to be sent", |all| {
                all.iter().any(|one| one.id == message && one.status() == MessageStatus::Sent)
            })
            .await;
        assert_eq!(house.sent().len(), round);
        let steps: Vec<String> =
            sqlx::query_scalar("select status from public.steps where message = $1::uuid order by n")
                .bind(message.parse::<uuid::Uuid>().unwrap())
                .fetch_all(&house.admin)
                .await
                .unwrap();
        if steps == ["sending", "queued", "sending", "sent"] {
            return;
        }
    }
    panic!("no message was put back");
}
