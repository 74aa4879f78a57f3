//! The reply turn: one answer to what was asked, or a handover, and never over a person's head.

use std::sync::atomic::Ordering::SeqCst;

use chatdesk_proto::ai::v1::Speaker;
use chatdesk_proto::inbox::v1::{AiState, ConversationStatus, MessageStatus, SenderType};
use chatdesk_proto::tenants::v1::Platform;
use serde_json::json;
use tonic::Code;

use crate::house::{House, message, now_ms, page, until};
use crate::vendors::{answered, handover, with_product};

fn is_done(status: MessageStatus) -> bool {
    matches!(status, MessageStatus::Sent | MessageStatus::Failed)
}

/// (case 21)
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_burst_gets_one_reply_that_saw_all_of_it() {
    let house = House::new().await;
    let at = now_ms() - 1000;
    let lines =
        ["shop ơi", "còn áo", "màu đỏ", "size M", "không", "shop?", "hay", "màu xanh", "cũng", "được", "giá", "sao?"];
    let items = (0..).zip(lines).map(|(n, text)| message("c1", &format!("m{n}"), text, at + n));
    house.post(Platform::Facebook, &page(&house.shop, items.collect())).await;
    house.idle().await;
    let asked = house.asked();
    assert_eq!(asked.last().unwrap().question, lines.join("\n"));
    assert_eq!(house.sent().len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_next_question_comes_with_what_was_said_before() {
    let house = House::new().await;
    house.writes("c1", "one").await;
    house.see("the first answer", |all| all.len() == 2 && all[1].status() == MessageStatus::Sent).await;
    house.writes("c1", "two").await;
    house.see("the second answer", |all| all.len() == 4 && all[3].status() == MessageStatus::Sent).await;
    let asked = house.asked();
    let history: Vec<_> = asked[1].history.iter().map(|turn| (turn.speaker(), turn.text.as_str())).collect();
    assert_eq!(asked[1].question, "two");
    assert_eq!(history, [(Speaker::Contact, "one"), (Speaker::Ai, "re: one")]);
}

/// (case 22)
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_during_the_answer_drops_the_draft() {
    let house = House::new().await;
    house.ai.gate.close();
    house.writes("c1", "one").await;
    house.ai.gate.visitor().await;
    house.writes("c1", "two").await;
    house.ingested().await;
    house.ai.gate.open();
    house.idle().await;
    let sent: Vec<_> = house.sent().into_iter().map(|request| request.text).collect();
    assert_eq!(sent, ["re: one\ntwo"]);
}

/// (case 23)
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_customer_who_never_stops_is_answered_all_the_same() {
    let house = House::new().await;
    house.ai.gate.close();
    house.writes("c1", "1").await;
    for n in 2..=4 {
        house.ai.gate.visitor().await;
        house.writes("c1", &n.to_string()).await;
        house.ingested().await;
        if n == 4 {
            house.ai.gate.open();
        } else {
            house.ai.gate.let_one_pass();
        }
    }
    house.idle().await;
    // Two drafts are dropped, the third is sent, and what it did not see gets its own reply.
    let sent: Vec<_> = house.sent().into_iter().map(|request| request.text).collect();
    assert_eq!(sent, ["re: 1\n2\n3", "re: 4"]);
}

/// (case 24)
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_person_who_takes_over_during_the_answer_has_the_word() {
    let house = House::new().await;
    house.ai.gate.close();
    house.writes("c1", "one").await;
    house.ai.gate.visitor().await;
    let conversation = house.conversation().await;
    let mine = house.sends(&conversation.id, "Để em xem ạ", "").await.unwrap();
    assert_eq!(mine.status(), MessageStatus::Queued);
    house.writes("c1", "two").await;
    house.see("the person's message", |all| all.len() == 3 && all[1].status() == MessageStatus::Sent).await;
    house.ai.gate.open();
    house.drained().await;
    let sent: Vec<_> = house.sent().into_iter().map(|request| request.text).collect();
    assert_eq!(sent, ["Để em xem ạ"]);
    let conversation = house.conversation().await;
    assert_eq!(house.messages(&conversation.id).await.len(), 3, "no draft is kept");
    let ai = conversation.ai.unwrap();
    assert_eq!((ai.state(), ai.reason.as_str(), ai.until.is_some()), (AiState::Paused, "human_replied", true));
    assert_eq!(conversation.unread_count, 1);
    assert_eq!(house.asked().len(), 1, "the assistant is silent while paused");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pause_ends_by_itself() {
    let house = House::with(|config| config.ai_pause = chrono::TimeDelta::milliseconds(300)).await;
    house.ai.gate.close();
    house.writes("c1", "one").await;
    house.ai.gate.visitor().await;
    let conversation = house.conversation().await;
    house.sends(&conversation.id, "I am here", "").await.unwrap();
    house.ai.gate.open();
    until("the end of the pause", || async {
        (house.conversation().await.ai.unwrap().state() == AiState::Active).then_some(())
    })
    .await;
    house.writes("c1", "two").await;
    until("an answer", || async { house.sent().iter().any(|sent| sent.text == "re: two").then_some(()) }).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_switch_silences_at_once() {
    let house = House::new().await;
    house.ai.gate.close();
    house.writes("c1", "one").await;
    house.ai.gate.visitor().await;
    let id = house.conversation().await.id;
    let off = house.switches_ai(&id, false).await;
    assert_eq!((off.is_ai_enabled, off.ai.unwrap().state()), (false, AiState::Off));
    house.ai.gate.open();
    house.drained().await;
    assert!(house.sent().is_empty());
    assert_eq!(house.messages(&id).await.len(), 1, "no draft is kept");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn switched_on_it_answers_what_was_asked_a_moment_ago() {
    let house = House::new().await;
    house.meta.ai_off_by_default.store(true, SeqCst);
    house.writes("c1", "one").await;
    house.idle().await;
    assert!(house.asked().is_empty());
    let id = house.conversation().await.id;
    let on = house.switches_ai(&id, true).await;
    assert_eq!((on.is_ai_enabled, on.ai.unwrap().state()), (true, AiState::Active));
    house.idle().await;
    let sent: Vec<_> = house.sent().into_iter().map(|request| request.text).collect();
    assert_eq!(sent, ["re: one"]);
    let before = house.events(0).await.current_seq;
    house.switches_ai(&id, true).await;
    assert!(house.told(before).await.is_empty(), "nothing changed, so nothing is told");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_handover_says_one_line_and_is_silent_then() {
    let house = House::new().await;
    house.ai.script.lock().unwrap().push_back(Ok(handover("Dạ em chuyển nhân viên ạ", "asks_for_person")));
    house.writes("c1", "cho gặp người").await;
    let messages = house.see("the line", |all| all.len() == 2 && is_done(all[1].status())).await;
    assert_eq!((messages[1].content.as_str(), messages[1].status()), ("Dạ em chuyển nhân viên ạ", MessageStatus::Sent));
    assert_eq!(messages[1].provenance.as_ref().unwrap().handover_reason, "asks_for_person");
    let conversation = house.conversation().await;
    assert_eq!((conversation.status(), conversation.unread_count), (ConversationStatus::NeedsHuman, 1));
    let ai = conversation.ai.unwrap();
    assert_eq!((ai.state(), ai.reason.as_str()), (AiState::HandedOver, "asks_for_person"));
    house.writes("c1", "alo?").await;
    house.ingested().await;
    house.idle().await;
    assert_eq!(house.asked().len(), 1);
    // Handed back, it answers what is open and does not look at what led to the handover.
    let back = house.switches_ai(&conversation.id, true).await;
    assert_eq!(back.status(), ConversationStatus::Open);
    house.idle().await;
    let asked = house.asked();
    assert_eq!((asked[1].question.as_str(), asked[1].history.len()), ("cho gặp người\nalo?", 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_assistant_that_is_gone_hands_over() {
    let house = House::new().await;
    house.ai.down.store(true, SeqCst);
    house.writes("c1", "how much is this?").await;
    // More often than a failure that counts may happen, and still nobody gives up.
    until("many tries", || async { (house.asked().len() > 5).then_some(()) }).await;
    assert_eq!(house.conversation().await.ai.unwrap().state(), AiState::Active);
    house.sql("update inbox.conversations set reply_first_at = now() - interval '11 minutes'").await;
    let messages = house.see("a line", |all| all.len() == 2 && is_done(all[1].status())).await;
    assert!(messages[1].content.starts_with("Thank you"), "{}", messages[1].content);
    assert_eq!(messages[1].status(), MessageStatus::Sent);
    let conversation = house.conversation().await;
    assert_eq!(conversation.ai.as_ref().unwrap().reason, "too_late");
    assert_eq!(conversation.status(), ConversationStatus::NeedsHuman);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_question_from_before_a_long_standstill_is_a_persons() {
    let house = House::with(|config| {
        config.quiet.window = chrono::TimeDelta::hours(1);
        config.quiet.cap = chrono::TimeDelta::hours(1);
    })
    .await;
    house.writes("c1", "one").await;
    house.ingested().await;
    house
        .sql(
            "update inbox.messages set received_at = now() - interval '5 hours';
             update inbox.conversations set reply_first_at = now() - interval '5 hours', reply_due_at = now();
             update routing.due_work set due_at = now() where kind = 'reply'",
        )
        .await;
    house.see("a line", |all| all.len() == 2 && is_done(all[1].status())).await;
    assert_eq!(house.conversation().await.status(), ConversationStatus::NeedsHuman);
    assert!(house.asked().is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_that_cannot_be_kept_is_a_handover() {
    let house = House::new().await;
    house
        .sql(
            "create function stumble() returns trigger language plpgsql as $$ begin raise exception 'no'; end $$;
             create trigger stumble before insert on inbox.messages for each row when (new.content = 're: one')
             execute function stumble()",
        )
        .await;
    house.writes("c1", "one").await;
    house.see("a line", |all| all.len() == 2 && is_done(all[1].status())).await;
    assert_eq!(house.asked().len(), 3, "tried as often as configured");
    assert_eq!(house.conversation().await.ai.unwrap().reason, "ai_unavailable");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn work_set_aside_while_the_assistant_is_off_owes_nothing() {
    let house = House::with(|config| {
        config.quiet.window = chrono::TimeDelta::hours(1);
        config.quiet.cap = chrono::TimeDelta::hours(1);
        config.sweep_every = std::time::Duration::from_secs(3600);
    })
    .await;
    house.writes("c1", "one").await;
    house.ingested().await;
    // As after it ended the process again and again.
    house
        .sql(
            "update inbox.conversations set ai_mode = 'off', ai_reason = 'switched_off';
             update routing.due_work set due_at = now(), attempts = 99 where kind = 'reply'",
        )
        .await;
    house.nothing_owed().await;
    assert!(house.asked().is_empty() && house.sent().is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_handovers_line_comes_whatever_the_catalogue_says() {
    let house = House::new().await;
    let products = with_product("").products;
    let answer =
        chatdesk_proto::ai::v1::AnswerResponse { products, ..handover("Dạ em chuyển nhân viên ạ", "unsure") };
    house.ai.script.lock().unwrap().push_back(Ok(answer));
    house.ai.stale.lock().unwrap().push_back(true);
    house.writes("c1", "one").await;
    let messages = house.see("the line", |all| all.len() == 2 && is_done(all[1].status())).await;
    assert_eq!(messages[1].status(), MessageStatus::Sent);
    assert!(house.ai.rechecked.lock().unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_that_comes_at_the_second_try_is_sent_once() {
    let house = House::new().await;
    house.ai.script.lock().unwrap().push_back(Err(tonic::Status::new(Code::Unavailable, "")));
    house.writes("c1", "one").await;
    house.see("an answer", |all| all.len() == 2 && all[1].status() == MessageStatus::Sent).await;
    assert_eq!((house.asked().len(), house.sent().len()), (2, 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_attachment_alone_is_for_a_person_and_a_sticker_for_nobody() {
    let house = House::new().await;
    let item = |mid: &str, kind: &str| {
        let payload = json!({"url": "https://cdn.example/x"});
        json!({"sender": {"id": "c1"}, "recipient": {"id": "p"}, "timestamp": now_ms(),
            "message": {"mid": mid, "attachments": [{"type": kind, "payload": payload}]}})
    };
    house.post(Platform::Facebook, &page(&house.shop, vec![item("s", "sticker")])).await;
    house.ingested().await;
    house.idle().await;
    assert_eq!(house.conversation().await.status(), ConversationStatus::Open);
    house.post(Platform::Facebook, &page(&house.shop, vec![item("i", "image")])).await;
    let messages = house.see("a line", |all| all.len() == 3 && is_done(all[2].status())).await;
    assert_eq!(messages[2].sender_type(), SenderType::Ai);
    assert_eq!(house.conversation().await.ai.unwrap().reason, "attachment_only");
    assert!(house.asked().is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_suspended_business_keeps_its_messages_and_says_nothing() {
    let house = House::new().await;
    let suspend = "update routing.tenants set state = 'suspended' where tenant_id = $1";
    sqlx::query(suspend).bind(house.shop.tenant.0).execute(&house.admin).await.unwrap();
    house.writes("c1", "one").await;
    house.ingested().await;
    house.idle().await;
    let conversation = house.conversation().await;
    assert_eq!(conversation.unread_count, 1);
    assert!(house.asked().is_empty());
    let refused = house.sends(&conversation.id, "hi", "").await.unwrap_err();
    assert_eq!(refused.code(), Code::FailedPrecondition);
    assert_eq!(chatdesk_platform::Problem::from(&refused).code, "tenant_suspended");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_business_suspended_during_the_answer_says_nothing() {
    let house = House::new().await;
    house.ai.gate.close();
    house.writes("c1", "one").await;
    house.ai.gate.visitor().await;
    house.sql("update routing.tenants set state = 'suspended'").await;
    house.ai.gate.open();
    house.idle().await;
    assert!(house.sent().is_empty());
    let id = house.conversation().await.id;
    assert_eq!(house.messages(&id).await.len(), 1, "no draft is kept");
    house.sql("update routing.tenants set state = 'active'").await;
    house.writes("c2", "two").await;
    until("the other customer's answer", || async { (!house.sent().is_empty()).then_some(()) }).await;
    assert_eq!(house.sent()[0].recipient_id, "c2", "what was asked meanwhile is not answered");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_catalogue_that_changed_before_the_send_gets_a_new_reply() {
    let house = House::new().await;
    house.ai.script.lock().unwrap().extend([Ok(with_product("199.000₫")), Ok(with_product("149.000₫"))]);
    house.ai.stale.lock().unwrap().push_back(true);
    house.writes("c1", "giá?").await;
    let messages = house.see("the second reply", |all| all.len() == 3 && all[2].status() == MessageStatus::Sent).await;
    assert_eq!(messages[1].failure.as_ref().unwrap().code, "stale");
    let sent: Vec<_> = house.sent().into_iter().map(|request| request.text).collect();
    assert_eq!(sent, ["149.000₫"]);
    let asked = house.asked();
    assert_eq!((asked[1].question.as_str(), asked[1].history.len()), ("giá?", 0));
    let rechecked = house.ai.rechecked.lock().unwrap().clone();
    assert_eq!((rechecked.len(), rechecked[0].products[0].price_minor), (2, 199_000));
    assert_eq!(rechecked[0].products[0].fingerprint, "f1", "as the answer had it");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_catalogue_that_never_rests_ends_with_a_person() {
    let house = House::new().await;
    house.ai.script.lock().unwrap().extend((0..9).map(|_| Ok(with_product("giá"))));
    house.ai.stale.lock().unwrap().extend([true; 9]);
    house.writes("c1", "giá?").await;
    until("a handover", || async {
        let conversation = house.conversations().await.into_iter().next()?;
        (conversation.ai.unwrap().state() == AiState::HandedOver).then_some(())
    })
    .await;
    house.idle().await;
    assert_eq!(house.asked().len(), 3);
    let sent = house.sent();
    assert_eq!(sent.len(), 1, "only the line");
    assert!(sent[0].text.starts_with("Dạ shop"), "{}", sent[0].text);
}

/// (case 101)
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_bots_do_not_talk_for_ever() {
    let house = House::with(|config| config.most_turns = 3).await;
    for n in 0..4 {
        house.writes("c1", &format!("ping {n}")).await;
        house.ingested().await;
        house.idle().await;
    }
    assert_eq!(house.sent().len(), 3);
    assert_eq!(house.conversation().await.ai.unwrap().reason, "too_many_replies");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_empty_answer_is_a_handover() {
    let house = House::new().await;
    house.ai.script.lock().unwrap().push_back(Ok(answered(" \n")));
    house.writes("c1", "one").await;
    house.see("a line", |all| all.len() == 2 && is_done(all[1].status())).await;
    assert_eq!(house.conversation().await.ai.unwrap().reason, "empty_answer");
}
