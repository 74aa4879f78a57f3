//! Messages of which nobody knows: settled by their echo, by Meta's record, or by a person, and never sent twice blindly.

use chatdesk_inbox::Config;
use chatdesk_platform::{Problem, Role};
use chatdesk_proto::inbox::v1::message_service_client::MessageServiceClient;
use chatdesk_proto::inbox::v1::{
    ConversationStatus, Message, MessageStatus, ResolveMessageRequest, RetryMessageRequest,
};
use chatdesk_proto::tenants::v1::Platform;
use chrono::TimeDelta;
use tonic::{Code, Status};

use crate::house::{House, echo, now_ms, page, until};
use crate::vendors::{answered, taken, unknown};

fn quick(config: &mut Config) {
    config.settle_wait = TimeDelta::milliseconds(20);
    config.settle_read = TimeDelta::milliseconds(20);
    config.settle_give_up = TimeDelta::milliseconds(200);
    config.hold = TimeDelta::hours(1);
}

/// However slow the machine is, nobody gives up before Meta's record has spoken.
fn patient(config: &mut Config) {
    quick(config);
    config.settle_give_up = TimeDelta::hours(1);
}

/// A conversation with a customer of the Facebook page whom people answer. Meta keeps what they wrote.
async fn with_customer(house: &House, user: &str) -> String {
    // Whoever reads Meta's record from now on does so for a send.
    house.compared().await;
    house.meta.ai_off_by_default.store(true, std::sync::atomic::Ordering::SeqCst);
    let mid = house.writes(user, "hi").await;
    house.idle().await;
    house.meta.shelf.keep(house.shop.facebook.0, user, &mid, "hi", false, now_ms() - 60_000);
    let all = house.conversations().await;
    let found = all.into_iter().find(|one| one.contact.as_ref().unwrap().platform_user_id == user);
    found.expect("the conversation").id
}

/// A person's text after which Meta was silent.
async fn lost(house: &House, text: &str) -> (String, String) {
    let id = with_customer(house, "c1").await;
    house.meta.script.lock().unwrap().push_back(unknown());
    let message = house.sends(&id, text, "").await.unwrap();
    (id, message.id)
}

async fn message(house: &House, conversation: &str, id: &str) -> Message {
    house.messages(conversation).await.into_iter().find(|message| message.id == id).expect("the message")
}

async fn becomes(house: &House, (conversation, id): (&str, &str), what: &str, is: fn(&Message) -> bool) -> Message {
    until(what, || async { Some(message(house, conversation, id).await).filter(is) }).await
}

async fn resolve(house: &House, role: Role, at: (&str, &str), was_delivered: bool) -> Result<Message, Status> {
    let (conversation_id, message_id) = (at.0.to_owned(), at.1.to_owned());
    let request = ResolveMessageRequest { conversation_id, message_id, was_delivered };
    Ok(MessageServiceClient::new(house.as_role(role)).resolve_message(request).await?.into_inner())
}

/// (case 26) The echo names our message: it is settled, and Meta is not even asked.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn its_echo_settles_it_without_a_second_copy() {
    let house = House::new().await;
    let (id, lost) = lost(&house, "Dạ còn ạ").await;
    becomes(&house, (&id, &lost), "an unknown send", |message| message.status() == MessageStatus::Unknown).await;
    let item = echo("c1", "m-real", "Dạ còn ạ", Some(&lost));
    house.post(Platform::Facebook, &page(&house.shop, vec![item])).await;
    let sent = becomes(&house, (&id, &lost), "proof", |message| message.status() == MessageStatus::Sent).await;
    assert_eq!(sent.platform_message_id, "m-real");
    assert_eq!((house.sent().len(), house.messages(&id).await.len()), (1, 2));
    assert!(house.meta.shelf.reads.lock().unwrap().is_empty());
}

/// (case 27) The echo is lost; Meta's record has the words, composed and spaced in another way.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn metas_record_settles_it_when_the_echo_is_lost() {
    let house = House::with(patient).await;
    house.compared().await;
    house.meta.shelf.keep(house.shop.facebook.0, "c1", "m-real", "Da\u{323}  co\u{300}n a\u{323} ", true, now_ms());
    let (id, lost) = lost(&house, "Dạ còn ạ").await;
    let sent = becomes(&house, (&id, &lost), "proof", |message| message.status() == MessageStatus::Sent).await;
    assert_eq!((sent.platform_message_id.as_str(), sent.needs_decision), ("m-real", false));
    assert_eq!(house.sent().len(), 1);
    // The echo comes after all, and changes nothing.
    let item = echo("c1", "m-real", "Dạ còn ạ", Some(&lost));
    house.post(Platform::Facebook, &page(&house.shop, vec![item])).await;
    house.ingested().await;
    assert_eq!(house.messages(&id).await.len(), 2);
}

/// Of two with the same words Meta has one, and its record does not tell which. Once Meta names it, the other is looked for again.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_found_by_its_words_is_looked_for_again_when_meta_names_another() {
    for by_echo in [false, true] {
        let house = House::with(patient).await;
        house.compared().await;
        house.meta.shelf.keep(house.shop.facebook.0, "c1", "m-second", "Dạ còn ạ", true, now_ms());
        let (id, first) = lost(&house, "Dạ còn ạ").await;
        let found = becomes(&house, (&id, &first), "a find", |message| message.status() == MessageStatus::Sent).await;
        assert_eq!(found.platform_message_id, "m-second");
        house.meta.script.lock().unwrap().push_back(taken("m-second"));
        house.meta.gate.close();
        let second = house.sends(&id, "Dạ còn ạ", "").await.unwrap().id;
        house.meta.gate.visitor().await;
        if by_echo {
            let item = echo("c1", "m-second", "Dạ còn ạ", Some(&second));
            house.post(Platform::Facebook, &page(&house.shop, vec![item])).await;
            becomes(&house, (&id, &second), "proof", |message| message.status() == MessageStatus::Sent).await;
        }
        house.meta.gate.open();
        let first_mid = format!("mid-{first}");
        until("the first is found absent and sent", || async {
            (message(&house, &id, &first).await.platform_message_id == first_mid).then_some(())
        })
        .await;
        let second = message(&house, &id, &second).await;
        assert_eq!((second.status(), second.platform_message_id.as_str()), (MessageStatus::Sent, "m-second"));
        let sent: Vec<_> = house.sent().into_iter().map(|request| request.metadata).collect();
        assert_eq!(sent, [first.clone(), second.id, first], "by echo: {by_echo}");
    }
}

/// (case 28) Two looks at the record show that it is absent: exactly one more copy is sent.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn proven_absent_it_is_sent_once_more() {
    let house = House::with(patient).await;
    let (id, lost) = lost(&house, "Dạ còn ạ").await;
    let sent = becomes(&house, (&id, &lost), "a send", |message| message.status() == MessageStatus::Sent).await;
    assert_eq!(sent.platform_message_id, format!("mid-{lost}"));
    let sent: Vec<_> = house.sent().into_iter().map(|request| request.metadata).collect();
    assert_eq!(sent, [lost.clone(), lost]);
    assert_eq!(house.meta.shelf.reads.lock().unwrap().len(), 2);
}

/// (case 28) Meta need not keep everything: a record that just ends, after the sending, proves nothing.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_record_that_does_not_reach_back_is_no_proof() {
    let house = House::with(quick).await;
    let id = with_customer(&house, "c1").await;
    house.meta.shelf.kept.lock().unwrap().clear();
    // It keeps what came after our message, and nothing from before.
    let mid = house.writes("c1", "alo").await;
    house.idle().await;
    house.meta.shelf.keep(house.shop.facebook.0, "c1", &mid, "alo", false, now_ms() + 300_000);
    house.meta.script.lock().unwrap().push_back(unknown());
    let lost = house.sends(&id, "Dạ còn ạ", "").await.unwrap().id;
    let asked = becomes(&house, (&id, &lost), "a question to a person", |message| message.needs_decision).await;
    assert_eq!((asked.status(), house.sent().len()), (MessageStatus::Unknown, 1));
}

/// (case 28) There is no second proof: when the copy is lost too, a person decides.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn absent_for_the_second_time_a_person_must_say() {
    let house = House::with(patient).await;
    house.meta.script.lock().unwrap().push_back(unknown());
    let (id, lost) = lost(&house, "Dạ còn ạ").await;
    let asked = becomes(&house, (&id, &lost), "a question to a person", |message| message.needs_decision).await;
    assert_eq!(asked.status(), MessageStatus::Unknown);
    let card = house.conversation().await;
    assert_eq!((card.status(), card.undecided_count), (ConversationStatus::NeedsHuman, 1));
    assert_eq!(house.sent().len(), 2);
}

/// (case 29) The record cannot be read: a person is asked, nothing is sent again, and what they say counts.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn when_meta_does_not_answer_a_person_says_what_became_of_it() {
    for was_delivered in [true, false] {
        let house = House::with(quick).await;
        let failures = (0..1000).map(|_| Status::unavailable("down"));
        house.meta.shelf.read_failures.lock().unwrap().extend(failures);
        let (id, lost) = lost(&house, "Dạ còn ạ").await;
        let at = (id.as_str(), lost.as_str());
        becomes(&house, at, "a question to a person", |message| message.needs_decision).await;
        assert_eq!(house.conversation().await.undecided_count, 1);
        assert_eq!(resolve(&house, Role::Viewer, at, true).await.unwrap_err().code(), Code::PermissionDenied);
        let said = resolve(&house, Role::Agent, at, was_delivered).await.unwrap();
        assert!(!said.needs_decision);
        assert_eq!(house.conversation().await.undecided_count, 0);
        let again = resolve(&house, Role::Agent, at, was_delivered).await.unwrap_err();
        let problem = Problem::from(&again);
        assert_eq!((again.code(), problem.code.as_str()), (Code::FailedPrecondition, "not_undecided"));
        assert_eq!(house.sent().len(), 1);
        if was_delivered {
            assert_eq!(said.status(), MessageStatus::Sent);
            continue;
        }
        assert_eq!((said.status(), said.failure.unwrap().code.as_str()), (MessageStatus::Failed, "not_delivered"));
        let request = RetryMessageRequest { conversation_id: id.clone(), message_id: lost.clone() };
        MessageServiceClient::new(house.agent()).retry_message(request).await.unwrap();
        becomes(&house, at, "the copy", |message| message.status() == MessageStatus::Sent).await;
        assert_eq!(house.sent().len(), 2);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_what_nobody_knows_of_can_be_resolved_and_only_in_its_own_place() {
    let house = House::new().await;
    let id = with_customer(&house, "c1").await;
    let other = with_customer(&house, "c2").await;
    let sent = house.sends(&id, "Chào", "").await.unwrap().id;
    house.idle().await;
    let known = resolve(&house, Role::Agent, (&id, &sent), true).await.unwrap_err();
    assert_eq!(Problem::from(&known).code, "not_undecided");
    for at in [(other.as_str(), sent.as_str()), (&id, "7"), (&id, &other), ("7", &sent)] {
        assert_eq!(resolve(&house, Role::Agent, at, true).await.unwrap_err().code(), Code::NotFound, "{at:?}");
    }
    let request = ResolveMessageRequest { conversation_id: id, message_id: sent, was_delivered: true };
    let stranger = MessageServiceClient::new(house.stranger()).resolve_message(request).await;
    assert_eq!(stranger.unwrap_err().code(), Code::NotFound);
}

/// (case 42) Clocks that jumped an hour between leave it open: a person says, nothing is sent again.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_only_the_time_speaks_against_is_not_called_absent() {
    for jump in [-3_600_000, 3_600_000] {
        let house = House::with(quick).await;
        house.compared().await;
        house.meta.shelf.keep(house.shop.facebook.0, "c1", "m-real", "Dạ còn ạ", true, now_ms() + jump);
        let (id, lost) = lost(&house, "Dạ còn ạ").await;
        becomes(&house, (&id, &lost), "a question to a person", |message| message.needs_decision).await;
        assert_eq!(house.sent().len(), 1);
    }
}

/// What another of our messages has is not taken for the lost one.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_words_sent_before_are_not_proof() {
    let house = House::with(patient).await;
    let id = with_customer(&house, "c1").await;
    let first = house.sends(&id, "ok", "").await.unwrap().id;
    house.idle().await;
    house.meta.shelf.keep(house.shop.facebook.0, "c1", &format!("mid-{first}"), "ok", true, now_ms());
    house.meta.script.lock().unwrap().push_back(unknown());
    let second = house.sends(&id, "ok", "").await.unwrap().id;
    becomes(&house, (&id, &second), "the copy", |message| message.status() == MessageStatus::Sent).await;
    assert_eq!(house.sent().len(), 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn work_that_was_lost_over_it_is_found_again() {
    let house = House::with(|config| {
        patient(config);
        config.sweep_grace = TimeDelta::zero();
    })
    .await;
    house.compared().await;
    house.meta.shelf.keep(house.shop.facebook.0, "c1", "m-real", "Dạ còn ạ", true, now_ms());
    house.meta.shelf.read_gate.close();
    let (id, lost) = lost(&house, "Dạ còn ạ").await;
    house.meta.shelf.read_gate.visitor().await;
    house.sql("delete from routing.due_work where kind = 'settle'").await;
    house.meta.shelf.read_gate.open();
    becomes(&house, (&id, &lost), "proof", |message| message.status() == MessageStatus::Sent).await;
    assert_eq!(house.sent().len(), 1);
}

/// (case 111) Of a suspended business nobody is asked about and nothing is sent; afterwards it goes on.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_suspended_business_waits() {
    let house = House::with(patient).await;
    let id = with_customer(&house, "c1").await;
    house.meta.gate.close();
    house.meta.script.lock().unwrap().push_back(unknown());
    let lost = house.sends(&id, "Dạ còn ạ", "").await.unwrap().id;
    house.meta.gate.visitor().await;
    house.sql("update routing.tenants set state = 'suspended'").await;
    house.meta.gate.open();
    until("a look that was put off", || async {
        let waiting: i64 = sqlx::query_scalar(
            "select count(*) from routing.due_work where kind = 'settle' and due_at > now() + interval '30 minutes'",
        )
        .fetch_one(&house.admin)
        .await
        .unwrap();
        (waiting == 1).then_some(())
    })
    .await;
    assert!(house.meta.shelf.reads.lock().unwrap().is_empty());
    house.sql("update routing.tenants set state = 'active'").await;
    house.sql("update routing.due_work set due_at = now() where kind = 'settle'").await;
    becomes(&house, (&id, &lost), "the copy", |message| message.status() == MessageStatus::Sent).await;
    assert_eq!(house.sent().len(), 2);
}

/// (case 25) Two instances look for the same messages: each is sent once more and no oftener.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_instances_send_one_copy_between_them() {
    let house = House::with(patient).await;
    let other = house.another(patient).await;
    let mut all = Vec::new();
    for customer in ["c1", "c2", "c3", "c4"] {
        all.push(with_customer(&house, customer).await);
    }
    house.meta.script.lock().unwrap().extend((0..4).map(|_| unknown()));
    // All are handed over before any is looked for, so that each loses its first copy and none its second.
    house.meta.gate.close();
    let mut ids = Vec::new();
    for conversation in &all {
        ids.push(house.sends(conversation, "Dạ còn ạ", "").await.unwrap().id);
        house.meta.gate.visitor().await;
    }
    house.meta.gate.open();
    for (conversation, id) in all.iter().zip(&ids) {
        becomes(&house, (conversation, id), "a send", |message| message.status() == MessageStatus::Sent).await;
    }
    let sent = house.sent();
    for id in &ids {
        assert_eq!(sent.iter().filter(|request| request.metadata == *id).count(), 2, "one copy of each");
    }
    other.begin();
}

/// One page with many unknown messages keeps no other page's waiting: its pace is its own, and who is not next holds no place.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_with_many_of_them_keeps_no_other_waiting() {
    let house = House::with(|config| {
        patient(config);
        config.settle.concurrency = 0;
    })
    .await;
    house.compared().await;
    house.meta.script.lock().unwrap().extend((0..51).map(|_| unknown()));
    let items = (0..50).map(|n| crate::house::message(&format!("c{n}"), &format!("m{n}"), "hi", now_ms())).collect();
    house.post(Platform::Facebook, &page(&house.shop, items)).await;
    unknowns(&house, 50).await;
    let item = crate::house::message("i1", "i-m1", "hi", now_ms());
    house.post(Platform::Instagram, &crate::house::account(&house.shop, vec![item])).await;
    unknowns(&house, 51).await;
    house.meta.shelf.keep(house.shop.instagram.0, "i1", "m-real", "re: hi", true, now_ms());
    // A page is asked about once in an hour, so whoever waits for the turn of the first waits for ever.
    let other = house
        .another(|config| {
            patient(config);
            config.settle_read = TimeDelta::milliseconds(300);
            config.read_every = std::time::Duration::from_secs(3600);
        })
        .await;
    until("the other page's to be settled", || async {
        let settled: i64 =
            sqlx::query_scalar("select count(*) from inbox.messages where mid = 'm-real' and status = 'sent'")
                .fetch_one(&house.admin)
                .await
                .unwrap();
        (settled == 1).then_some(())
    })
    .await;
    let reads = house.meta.shelf.reads.lock().unwrap().clone();
    let first = reads.iter().filter(|read| read.channel_id == house.shop.facebook.0.to_string()).count();
    assert!(first <= 1 && reads.len() - first == 1, "{first} of {}", reads.len());
    other.begin();
}

async fn unknowns(house: &House, count: i64) {
    until("unknown sends", || async {
        let unknown: i64 = sqlx::query_scalar("select count(*) from inbox.messages where status = 'unknown'")
            .fetch_one(&house.admin)
            .await
            .unwrap();
        (unknown == count).then_some(())
    })
    .await;
}

/// Of an answer in parts the first was lost and the others are dropped: that the first is found at Meta makes it half an answer, of which
/// a person hears.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_half_an_answer_a_person_hears() {
    let house = House::with(patient).await;
    house.compared().await;
    house.ai.script.lock().unwrap().push_back(Ok(answered(&"chữ ".repeat(1200))));
    house.meta.script.lock().unwrap().push_back(unknown());
    house.meta.gate.close();
    let mid = house.writes("c1", "còn gì nữa không").await;
    house.meta.gate.visitor().await;
    let first = house.sent().remove(0);
    let (shelf, channel) = (&house.meta.shelf, house.shop.facebook.0);
    shelf.keep(channel, "c1", &mid, "còn gì nữa không", false, now_ms() - 60_000);
    shelf.keep(channel, "c1", "m-real", &first.text, true, now_ms());
    house.meta.gate.open();
    let all = house.see("the first part", |all| all.len() == 4 && all[1].status() == MessageStatus::Sent).await;
    assert_eq!((all[1].platform_message_id.as_str(), house.sent().len()), ("m-real", 1));
    for part in &all[2..] {
        assert_eq!(
            (part.status(), part.failure.as_ref().unwrap().code.as_str()),
            (MessageStatus::Failed, "previous_part")
        );
    }
    assert_eq!(house.conversation().await.status(), ConversationStatus::NeedsHuman);
}
