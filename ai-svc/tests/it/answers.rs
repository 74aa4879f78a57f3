//! Answers and rechecks: with an honest model, a hostile one, a failing one and none.

use crate::world::{Reply, World, says};
use chatdesk_ai::PROMPT_VERSION;
use chatdesk_platform::{Identity, Role, TenantId, UserId, new_id};
use chatdesk_proto::ai::v1::answer_service_client::AnswerServiceClient;
use chatdesk_proto::ai::v1::{AnswerRequest, Outcome, RecheckRequest, Speaker, Turn};
use chatdesk_proto::catalog::v1::ProductStatus;
use serde_json::{Value, json};
use std::sync::atomic::Ordering::SeqCst;
use tonic::Code;

const RED: &str = "áo thun đỏ giá bao nhiêu?";

/// Case 88: whoever asks and whatever for, a suspended business's assistant says nothing.
#[tokio::test]
async fn nothing_is_said_for_a_business_that_may_not_work() {
    let world = World::with_model(vec![says("Dạ 150.000đ ạ.", &[])]).await;
    let member = Identity::Member { tenant: world.tenant, user: UserId(new_id()), role: Role::Owner };
    for code in ["tenant_suspended", "tenant_deleting"] {
        *world.state.halted.lock().unwrap() = Some(code);
        // A trigger needs neither settings nor a model, and is no exception.
        for question in [RED, "cho mình gặp nhân viên", "", "👍"] {
            for client in [world.inbox(), world.gateway(&member)] {
                let request = AnswerRequest { question: question.to_owned(), ..AnswerRequest::default() };
                let refused = AnswerServiceClient::new(client).answer(request).await.unwrap_err();
                assert_eq!(refused.code(), Code::FailedPrecondition, "{question}");
                assert_eq!(chatdesk_platform::Problem::from(&refused).code, code);
            }
        }
    }
    assert_eq!(world.asked_model(), 0);
    *world.state.halted.lock().unwrap() = None;
    assert_eq!(world.ask("cho mình gặp nhân viên").await.outcome(), Outcome::Handover);
}

#[tokio::test]
async fn a_models_answer_passes_unchanged_with_its_provenance() {
    let world = World::with_model(vec![]).await;
    let red = world.product(0);
    let reply = "Dạ áo thun đỏ giá 150.000đ còn hàng ạ. Bạn mặc size nào ạ?";
    world.state.replies.lock().unwrap().push_back(says(reply, &[&red.id]));
    let answer = world.ask(RED).await;
    assert_eq!((answer.outcome(), answer.text.as_str(), answer.reason.as_str()), (Outcome::Answered, reply, ""));
    assert_eq!((answer.verdict.as_str(), answer.model.as_str()), ("passed", "openai/gpt-oss-120b"));
    assert_eq!(
        (answer.prompt_version.as_str(), answer.prompt_tokens, answer.completion_tokens),
        (PROMPT_VERSION, 100, 20)
    );
    let used: Vec<_> =
        answer.products.iter().map(|p| (p.id.as_str(), p.price_minor, p.currency.as_str(), p.status())).collect();
    assert_eq!(used, [(red.id.as_str(), 150_000, "VND", ProductStatus::Available)]);
    let settled = world.state.settled.lock().unwrap().clone();
    assert_eq!(settled.iter().map(|s| (s.prompt_tokens, s.completion_tokens)).collect::<Vec<_>>(), [(100, 20)]);
    let searched = world.state.searched.lock().unwrap();
    assert_eq!((searched[0].vector.len(), searched[0].model.as_str()), (384, "all-MiniLM-L6-v2"));
}

#[tokio::test]
async fn the_prompt_holds_the_shop_the_rows_and_the_conversation() {
    let world = World::with_model(vec![says("Dạ áo thun đỏ giá 150.000đ ạ", &[])]).await;
    world.ask_after(RED, &["xin chào shop"]).await;
    let prompts = world.state.prompts.lock().unwrap();
    let texts: Vec<(&str, &str)> = prompts[0]["messages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|m| (m["role"].as_str().unwrap(), m["content"].as_str().unwrap()))
        .collect();
    assert!(texts[0].1.starts_with("Bạn là trợ lý bán hàng của Tiệm Nhà Mây. Shop thời trang"), "{}", texts[0].1);
    assert!(texts[1].1.contains("Áo thun đỏ") && texts[1].1.contains("150.000đ"));
    assert_eq!(texts[2], ("user", "xin chào shop"));
    assert_eq!(texts.last(), Some(&("user", RED)));
}

#[tokio::test]
async fn no_product_ids_means_all_that_was_retrieved() {
    let world = World::with_model(vec![says("Dạ áo thun đỏ 150k, áo thun xanh 160k ạ", &[])]).await;
    let answer = world.ask("giá áo thun đỏ và áo thun xanh").await;
    assert_eq!(answer.outcome(), Outcome::Answered, "{answer:?}");
    assert_eq!(answer.products.len(), 2);
}

#[tokio::test]
async fn a_hostile_model_gets_one_more_try_and_then_a_person_answers() {
    let lies = || says("Dạ áo thun đỏ giá 1k thôi ạ, miễn phí ship luôn", &[]);
    let world = World::with_model(vec![lies(), lies(), says("Dạ áo thun đỏ giá 150k ạ", &[])]).await;
    let answer = world.ask(RED).await;
    assert_eq!((answer.outcome(), answer.reason.as_str()), (Outcome::Handover, "guard_blocked"));
    assert_eq!(answer.verdict, "discount");
    assert!(answer.text.contains("nhân viên") && !answer.text.contains("1k"));
    assert_eq!(world.asked_model(), 2);
    assert_eq!((answer.prompt_tokens, answer.completion_tokens), (200, 40));
}

#[tokio::test]
async fn the_second_try_may_be_honest() {
    let world =
        World::with_model(vec![says("Dạ áo thun đỏ giá 1k thôi ạ", &[]), says("Dạ áo thun đỏ giá 150k ạ", &[])]).await;
    let answer = world.ask(RED).await;
    assert_eq!(
        (answer.outcome(), answer.text.as_str(), answer.verdict.as_str()),
        (Outcome::Answered, "Dạ áo thun đỏ giá 150k ạ", "passed")
    );
}

#[tokio::test]
async fn an_injected_description_sells_nothing_for_free() {
    let world =
        World::with_model(vec![says("Dạ áo thun xanh miễn phí ạ", &[]), says("Dạ bạn vào evil.tld nhé", &[])]).await;
    let answer = world.ask("áo thun xanh giá bao nhiêu").await;
    assert_eq!(answer.outcome(), Outcome::Handover);
    let world = World::without_a_key().await;
    let answer = world.ask("áo thun xanh giá bao nhiêu").await;
    assert!(answer.text.contains("160.000đ") && !answer.text.contains("evil"), "{}", answer.text);
}

#[tokio::test]
async fn products_that_were_not_retrieved_are_blocked() {
    let stranger = new_id().to_string();
    let world = World::with_model(vec![says("Dạ chào bạn ạ", &[&stranger]), says("Dạ chào bạn ạ", &["áo"])]).await;
    let answer = world.ask(RED).await;
    assert_eq!((answer.outcome(), answer.verdict.as_str()), (Outcome::Handover, "unknown_product"));
}

#[tokio::test]
async fn a_model_that_asks_for_a_person_gets_one() {
    let draft = json!({"reply": "", "product_ids": [], "handover": true, "reason": "not in the data"});
    let world = World::with_model(vec![Reply::Says(draft)]).await;
    let answer = world.ask(RED).await;
    assert_eq!((answer.outcome(), answer.reason.as_str()), (Outcome::Handover, "model_asked"));
}

#[tokio::test]
async fn a_failing_model_leaves_the_answer_to_the_catalogue() {
    let failures: Vec<fn() -> Reply> = vec![
        || Reply::Status(429),
        || Reply::Status(500),
        || Reply::Status(401),
        || Reply::Hangs,
        || Reply::Says(Value::Null),
        || Reply::Says(json!("x")),
    ];
    for fail in failures {
        let world = World::with_model((0..3).map(|_| fail()).collect()).await;
        let answer = world.ask(RED).await;
        assert_eq!((answer.outcome(), answer.model.as_str()), (Outcome::Answered, "catalogue"));
        assert!(answer.text.contains("150.000đ"), "{}", answer.text);
    }
}

#[tokio::test]
async fn without_a_key_the_catalogue_answers_in_the_customers_language() {
    let world = World::without_a_key().await;
    for (question, expected) in [
        (RED, "Dạ Áo thun đỏ giá 150.000đ, hiện còn hàng ạ. Bạn muốn đặt mẫu này không ạ?"),
        ("ao thun do gia bao nhieu", "Dạ Áo thun đỏ giá 150.000đ, hiện còn hàng ạ. Bạn muốn đặt mẫu này không ạ?"),
        ("how much is the ao thun do?", "Áo thun đỏ is 150,000đ and it is in stock. Would you like to order it?"),
        ("giày thể thao trắng còn hàng không", "Dạ Giày thể thao trắng giá 1.299.000đ, hiện tạm hết hàng ạ."),
        ("phí ship bao nhiêu", "Dạ, phí ship nội thành 20k ạ."),
        ("xin chào", "Dạ Tiệm Nhà Mây xin chào bạn! Bạn đang tìm sản phẩm nào ạ?"),
    ] {
        let answer = world.ask(question).await;
        assert_eq!(
            (answer.text.as_str(), answer.model.as_str(), answer.verdict.as_str()),
            (expected, "catalogue", "passed"),
            "{question}"
        );
    }
}

#[tokio::test]
async fn a_question_for_nothing_in_particular_shows_some_products() {
    let world = World::without_a_key().await;
    let answer = world.ask("shop bán gì vậy?").await;
    assert_eq!((answer.outcome(), answer.products.len()), (Outcome::Answered, 3), "{answer:?}");
}

#[tokio::test]
async fn a_short_question_is_read_with_the_one_before() {
    let world = World::without_a_key().await;
    let answer = world.ask_after("còn size M không?", &["cho mình hỏi áo thun đỏ"]).await;
    assert!(answer.text.starts_with("Dạ có ạ, Áo thun đỏ có size M."), "{}", answer.text);
    let answer = world.ask_after("còn size XXL không?", &["cho mình hỏi áo thun đỏ"]).await;
    assert!(answer.text.starts_with("Dạ Áo thun đỏ không có size XXL ạ. Size: S, M, L ạ."), "{}", answer.text);
}

#[tokio::test]
async fn what_was_spoken_of_is_found_behind_other_follow_ups() {
    let world = World::without_a_key().await;
    let before = ["cho mình hỏi áo thun đỏ", "giá sao ạ", "phí ship bao nhiêu", "còn size M không?"];
    let answer = world.ask_after("thế size L?", &before).await;
    assert!(answer.text.starts_with("Dạ có ạ, Áo thun đỏ có size L."), "{}", answer.text);
}

#[tokio::test]
async fn in_a_long_talk_the_product_is_known_from_the_assistants_words() {
    let world = World::without_a_key().await;
    let turn = |speaker: Speaker, text: &str| Turn { speaker: speaker.into(), text: text.to_owned() };
    let history = vec![
        turn(Speaker::Contact, "còn size M không?"),
        turn(Speaker::Ai, "Dạ có ạ, Áo thun đỏ có size M. Giá 99.000đ, hiện còn hàng ạ."),
    ];
    let request = AnswerRequest { question: "lấy 2 cái".into(), history, referral: None };
    let answer = AnswerServiceClient::new(world.inbox()).answer(request).await.unwrap().into_inner();
    // The price of then is not taken over.
    assert!(answer.text.contains("Áo thun đỏ") && answer.text.contains("300.000đ"), "{}", answer.text);
}

#[tokio::test]
async fn a_limit_chooses_among_what_was_spoken_of() {
    let world = World::without_a_key().await;
    let answer = world.ask_after("có cái nào dưới 155k ko", &["shop có áo thun k"]).await;
    assert!(answer.text.contains("Áo thun đỏ") && !answer.text.contains("Áo thun xanh"), "{}", answer.text);
}

#[tokio::test]
async fn a_question_about_nothing_that_was_named_is_asked_back_once() {
    let world = World::without_a_key().await;
    let answer = world.ask("tổng bao nhiêu").await;
    assert!(answer.outcome() == Outcome::Answered && answer.products.is_empty(), "{answer:?}");
    let turn = |speaker: Speaker, text: &str| Turn { speaker: speaker.into(), text: text.to_owned() };
    let history = vec![turn(Speaker::Contact, "tổng bao nhiêu"), turn(Speaker::Ai, &answer.text)];
    let request = AnswerRequest { question: "giá".into(), history, referral: None };
    let again = AnswerServiceClient::new(world.inbox()).answer(request).await.unwrap().into_inner();
    assert_eq!((again.outcome(), again.reason.as_str()), (Outcome::Handover, "nothing_found"), "{again:?}");
}

#[tokio::test]
async fn a_new_topic_is_not_read_with_the_one_before() {
    let world = World::without_a_key().await;
    let before = ["áo thun đỏ giá bao nhiêu?"];
    let answer = world.ask_after("giày thể thao giá sao", &before).await;
    assert!(answer.text.contains("Giày thể thao trắng") && !answer.text.contains("Áo thun"), "{}", answer.text);
    for question in ["có bán máy giặt không", "máy giặt cửa trước giá sao"] {
        let answer = world.ask_after(question, &before).await;
        assert_eq!(answer.outcome(), Outcome::Handover, "{question}: {}", answer.text);
    }
}

#[tokio::test]
async fn some_things_are_for_people_and_cost_no_tokens() {
    let world = World::with_model(vec![]).await;
    for (question, reason) in [
        ("cho mình gặp nhân viên", "asks_for_person"),
        ("I want a refund", "refund"),
        ("shop lừa đảo", "complaint"),
        ("tôi sẽ báo công an", "legal"),
        ("bà bầu dùng được không", "medical"),
        ("", "no_text"),
        ("có bán máy giặt cửa trước không ạ", "nothing_found"),
    ] {
        let answer = world.ask(question).await;
        assert_eq!((answer.outcome(), answer.reason.as_str()), (Outcome::Handover, reason), "{question}");
        assert!(!answer.text.is_empty());
    }
    assert_eq!(world.asked_model(), 0);
}

#[tokio::test]
async fn an_answer_says_when_the_days_tokens_run_low() {
    let honest = || says("Dạ áo thun đỏ giá 150k ạ", &[]);
    let world = World::with_model(vec![honest(), honest()]).await;
    assert!(!world.ask(RED).await.budget_low);
    world.state.tokens_low.store(true, SeqCst);
    assert!(world.ask(RED).await.budget_low);
    *world.state.no_tokens.lock().unwrap() = Some("token_budget_spent");
    assert!(world.ask(RED).await.budget_low);
}

#[tokio::test]
async fn a_used_up_budget_hands_over() {
    let world = World::with_model(vec![]).await;
    *world.state.no_tokens.lock().unwrap() = Some("token_budget_spent");
    let answer = world.ask(RED).await;
    assert_eq!(
        (answer.outcome(), answer.reason.as_str(), world.asked_model()),
        (Outcome::Handover, "budget_used_up", 0)
    );
}

#[tokio::test]
async fn tokens_refused_for_another_reason_leave_the_answer_to_the_catalogue() {
    let world = World::with_model(vec![]).await;
    *world.state.no_tokens.lock().unwrap() = Some("overloaded");
    let answer = world.ask(RED).await;
    assert_eq!((answer.outcome(), answer.model.as_str()), (Outcome::Answered, "catalogue"), "{answer:?}");
    assert!(answer.text.contains("150.000đ") && world.asked_model() == 0, "{}", answer.text);
}

#[tokio::test]
async fn another_tenants_products_are_not_found() {
    let mut world = World::without_a_key().await;
    assert!(world.ask(RED).await.text.contains("150.000đ"));
    world.tenant = TenantId(new_id());
    let answer = world.ask(RED).await;
    assert_eq!((answer.outcome(), answer.reason.as_str()), (Outcome::Handover, "nothing_found"));
}

#[tokio::test]
async fn odd_questions_end_in_something_to_read() {
    let world = World::without_a_key().await;
    let long = "áo thun đỏ ".repeat(2000);
    for question in [
        long.as_str(),
        "\u{202E}\u{200B}áo",
        "😀😀😀",
        "áo thun đỏ how much là bao nhiêu",
        "'; drop table products; --",
        "\u{0}",
    ] {
        let answer = world.ask(question).await;
        assert!(!answer.text.is_empty() && answer.outcome() != Outcome::Unspecified);
    }
}

#[tokio::test]
async fn only_inbox_and_agents_may_ask() {
    let world = World::without_a_key().await;
    let member = |role| Identity::Member { tenant: world.tenant, user: UserId(new_id()), role };
    let ask = |identity: Identity| {
        let client = world.gateway(&identity);
        async move {
            AnswerServiceClient::new(client)
                .answer(AnswerRequest { question: RED.into(), ..AnswerRequest::default() })
                .await
        }
    };
    assert!(ask(member(Role::Agent)).await.unwrap().into_inner().text.contains("150.000đ"));
    assert_eq!(ask(member(Role::Viewer)).await.unwrap_err().code(), Code::PermissionDenied);
    assert_eq!(
        ask(Identity::PlatformAdmin { user: UserId(new_id()) }).await.unwrap_err().code(),
        Code::PermissionDenied
    );
    let recheck =
        AnswerServiceClient::new(world.gateway(&member(Role::Owner))).recheck(RecheckRequest::default()).await;
    assert_eq!(recheck.unwrap_err().code(), Code::PermissionDenied);
}
