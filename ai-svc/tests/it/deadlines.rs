//! The language model takes its time: then the catalogue answers, and no tokens stay set aside.

use crate::world::{Reply, World, says};
use chatdesk_proto::ai::v1::{AnswerResponse, Outcome};
use std::time::Duration;

const RED: &str = "áo thun đỏ giá bao nhiêu?";

fn is_the_catalogues(answer: &AnswerResponse) {
    assert_eq!((answer.outcome(), answer.model.as_str()), (Outcome::Answered, "catalogue"), "{}", answer.text);
    assert!(answer.text.contains("150.000đ"), "{}", answer.text);
}

fn all_settled(world: &World) {
    let mut settled: Vec<String> =
        world.state.settled.lock().unwrap().iter().map(|settled| settled.reservation_id.clone()).collect();
    let mut reserved = world.state.reserved.lock().unwrap().clone();
    settled.sort_unstable();
    reserved.sort_unstable();
    assert_eq!(settled, reserved);
}

/// A model that is silent for longer than a whole answer may take, however often it is asked.
#[tokio::test]
async fn both_drafts_together_leave_time_for_the_catalogues_answer() {
    let drafts: [fn() -> Vec<Reply>; 2] = [
        || (0..9).map(|_| Reply::Hangs).collect(),
        || vec![says("Dạ áo thun đỏ giá 1k thôi ạ", &[]), Reply::Hangs, Reply::Hangs, Reply::Hangs],
    ];
    for replies in drafts {
        let world = World::with_config(replies(), |config| {
            config.model_deadline = Duration::from_secs(1);
            config.groq.as_mut().unwrap().attempt = Duration::from_secs(60);
        })
        .await;
        is_the_catalogues(&world.ask(RED).await);
        all_settled(&world);
    }
}

/// The turn counts, too: who got none in time does not begin to ask.
#[tokio::test]
async fn who_waits_for_a_turn_in_vain_asks_no_model() {
    let world = World::with_config(vec![Reply::Hangs, Reply::Hangs], |config| {
        config.model_deadline = Duration::from_secs(1);
        let groq = config.groq.as_mut().unwrap();
        (groq.attempt, groq.at_once) = (Duration::from_secs(60), 1);
    })
    .await;
    let (first, second) = tokio::join!(world.ask(RED), world.ask(RED));
    is_the_catalogues(&first);
    is_the_catalogues(&second);
}
