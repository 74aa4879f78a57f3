//! What the assistant would say today to the last questions: nothing is sent, one at a time, and resumed where it stopped.

use std::sync::atomic::Ordering::SeqCst;

use chatdesk_platform::{Problem, Role};
use chatdesk_proto::ai::v1::{AnswerResponse, Outcome, Speaker};
use chatdesk_proto::inbox::v1::replay_service_client::ReplayServiceClient;
use chatdesk_proto::inbox::v1::*;
use chatdesk_proto::tenants::v1::Platform;
use serde_json::json;
use tonic::{Code, Status};

use crate::house::{House, event, message, now_ms, page, until};
use crate::vendors::{answered, handover};

async fn start(house: &House, limit: u32) -> Result<Replay, Status> {
    let client = &mut ReplayServiceClient::new(house.as_role(Role::Manager));
    Ok(client.start_replay(StartReplayRequest { limit }).await?.into_inner())
}

async fn get(house: &House, id: &str) -> Replay {
    let client = &mut ReplayServiceClient::new(house.as_role(Role::Owner));
    client.get_replay(GetReplayRequest { id: id.to_owned() }).await.unwrap().into_inner()
}

async fn ended(house: &House, id: &str) -> Replay {
    until("the end of the replay", || async {
        let replay = get(house, id).await;
        (replay.state() != ReplayState::Running).then_some(replay)
    })
    .await
}

/// Customers who were answered, the last of them newest.
async fn talked(house: &House, users: &[&str]) {
    for user in users {
        house.writes(user, &format!("hỏi của {user}")).await;
        house.idle().await;
    }
    assert_eq!(house.sent().len(), users.len());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_last_questions_are_asked_anew_and_nothing_is_sent() {
    let house = House::new().await;
    house.writes("c1", "chào shop").await;
    house.see("a greeting", |all| all.len() == 2 && all[1].status() == MessageStatus::Sent).await;
    house.writes("c1", "hỏi của c1").await;
    house.idle().await;
    house.writes("c2", "hỏi của c2").await;
    house.idle().await;
    // Nobody wrote words here.
    let sticker = json!({"mid": "m9", "attachments": [{"type": "sticker", "payload": {"url": "https://cdn.test/s"}}]});
    house.post(Platform::Facebook, &page(&house.shop, vec![event("c3", "message", sticker, now_ms())])).await;
    house.idle().await;
    let (asked, sent, seq) = (house.asked().len(), house.sent().len(), house.events(0).await.current_seq);

    house.ai.script.lock().unwrap().extend([Ok(answered("Dạ 210k ạ.")), Ok(handover("Để em hỏi.", "guard_blocked"))]);
    let begun = start(&house, 0).await.unwrap();
    assert_eq!((begun.state(), begun.total, begun.items.len()), (ReplayState::Running, 2, 0));
    let done = ended(&house, &begun.id).await;
    assert_eq!((done.state(), done.total, done.ended_at.is_some()), (ReplayState::Done, 2, true));
    let (first, second) = (&done.items[0], &done.items[1]);
    assert_eq!((first.question.as_str(), first.ai_would_say.as_str()), ("hỏi của c2", "Dạ 210k ạ."));
    assert_eq!((first.outcome(), first.what_was_said.as_str()), (Outcome::Answered, "re: hỏi của c2"));
    assert_eq!((first.verdict.as_str(), first.reason.as_str(), first.model.as_str()), ("passed", "", "catalogue"));
    assert_eq!((second.question.as_str(), second.outcome()), ("hỏi của c1", Outcome::Handover));
    assert_eq!((second.reason.as_str(), second.what_was_said.as_str()), ("guard_blocked", "re: hỏi của c1"));
    let again = house.asked()[asked + 1].clone();
    let history: Vec<_> = again.history.iter().map(|turn| (turn.speaker(), turn.text.as_str())).collect();
    assert_eq!(history, [(Speaker::Contact, "chào shop"), (Speaker::Ai, "re: chào shop")]);

    assert_eq!(house.asked().len(), asked + 2);
    assert_eq!((house.sent().len(), house.events(0).await.current_seq), (sent, seq), "no conversation changed");
    let kept: i64 = sqlx::query_scalar("select count(*) from inbox.unanswered").fetch_one(&house.admin).await.unwrap();
    assert_eq!(kept, 0, "nobody asked that");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_runs_at_a_time_and_goes_on_after_the_assistant_was_away() {
    let house = House::new().await;
    talked(&house, &["c1", "c2", "c3"]).await;
    house.ai.gate.close();
    let begun = start(&house, 2).await.unwrap();
    assert_eq!(begun.total, 2);
    house.ai.gate.visitor().await;
    let refused = start(&house, 1).await.unwrap_err();
    assert_eq!(Problem::from(&refused).code, "replay_running");
    house.ai.gate.let_one_pass();
    house.ai.gate.visitor().await;
    assert_eq!(get(&house, &begun.id).await.items.len(), 1, "what was found is there at once");
    house.ai.down.store(true, SeqCst);
    house.ai.gate.open();
    let asked = house.asked().len();
    until("another try", || async { (house.asked().len() > asked).then_some(()) }).await;
    assert_eq!(get(&house, &begun.id).await.state(), ReplayState::Running);
    house.ai.down.store(false, SeqCst);
    let done = ended(&house, &begun.id).await;
    let questions: Vec<_> = done.items.iter().map(|item| item.question.as_str()).collect();
    assert_eq!((done.state(), questions), (ReplayState::Done, vec!["hỏi của c3", "hỏi của c2"]));
    let first = house.asked().iter().filter(|asked| asked.question == "hỏi của c3").count();
    assert_eq!(first, 2, "when it was asked, and once more: what was written down is not asked again");
    let next = start(&house, 1).await.unwrap();
    assert_eq!(ended(&house, &next.id).await.items.len(), 1, "the next may begin");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_last_tokens_of_a_day_are_left_to_customers() {
    let house = House::new().await;
    talked(&house, &["c1", "c2", "c3"]).await;
    let asked = house.asked().len();
    let low = AnswerResponse { budget_low: true, ..answered("Dạ 210k ạ.") };
    house.ai.script.lock().unwrap().extend([Ok(answered("Dạ 200k ạ.")), Ok(low)]);
    let begun = start(&house, 0).await.unwrap();
    let given_up = ended(&house, &begun.id).await;
    assert_eq!((given_up.state(), given_up.total, given_up.items.len()), (ReplayState::Failed, 3, 2));
    house.idle().await;
    assert_eq!(house.asked().len(), asked + 2, "the third is not asked");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lost_work_is_found_again_and_one_that_takes_too_long_is_given_up() {
    let house = House::with(|config| config.sweep_grace = chrono::TimeDelta::zero()).await;
    talked(&house, &["c1"]).await;
    house
        .sql(
            "insert into inbox.replays (tenant_id, id, created_at)
         select tenant_id, '0193a000-0000-7000-8000-0000000000aa', now() - interval '2 hours' from inbox.conversations",
        )
        .await;
    let given_up = ended(&house, "0193a000-0000-7000-8000-0000000000aa").await;
    assert_eq!(given_up.state(), ReplayState::Failed);
    let begun = start(&house, 100).await.unwrap();
    assert_eq!(ended(&house, &begun.id).await.state(), ReplayState::Done);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_question_that_is_taken_back_goes_from_the_report() {
    let house = House::new().await;
    house.ai.script.lock().unwrap().push_back(Ok(answered("Dạ.")));
    let body = page(&house.shop, vec![message("c1", "m1", "số thẻ 4111", now_ms())]);
    house.post(Platform::Facebook, &body).await;
    house.idle().await;
    let begun = start(&house, 100).await.unwrap();
    assert_eq!(ended(&house, &begun.id).await.items.len(), 1);
    let unsend = event("c1", "message", json!({"mid": "m1", "is_deleted": true}), now_ms());
    house.post(Platform::Facebook, &page(&house.shop, vec![unsend])).await;
    house.ingested().await;
    assert!(get(&house, &begun.id).await.items.is_empty());
    let rows: i64 =
        sqlx::query_scalar("select count(*) from inbox.replay_items").fetch_one(&house.admin).await.unwrap();
    assert_eq!(rows, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_may_replay_and_what_is_no_replay() {
    let house = House::new().await;
    assert_eq!(start(&house, 101).await.unwrap_err().code(), Code::InvalidArgument);
    let begun = start(&house, 0).await.unwrap();
    assert_eq!(
        (ended(&house, &begun.id).await.state(), begun.total),
        (ReplayState::Done, 0),
        "there is nothing to ask"
    );
    let mut agent = ReplayServiceClient::new(house.agent());
    let refused = agent.start_replay(StartReplayRequest { limit: 1 }).await.unwrap_err();
    assert_eq!(refused.code(), Code::PermissionDenied);
    let mut stranger = ReplayServiceClient::new(house.stranger());
    for id in [begun.id.as_str(), "x"] {
        let theirs = stranger.get_replay(GetReplayRequest { id: id.to_owned() }).await.unwrap_err();
        assert_eq!(theirs.code(), Code::NotFound, "{id}");
    }
}
