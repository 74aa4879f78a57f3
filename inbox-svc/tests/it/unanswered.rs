//! What the assistant could not answer: kept once, counted, closed, dismissed, and forgotten with its words.

use chatdesk_platform::Role;
use chatdesk_proto::inbox::v1::unanswered_service_client::UnansweredServiceClient;
use chatdesk_proto::inbox::v1::*;
use chatdesk_proto::tenants::v1::Platform;
use serde_json::json;
use tonic::Code;

use crate::house::{House, event, message, now_ms, page, until};
use crate::vendors::{handover, with_product};

const ANSWERED: &str = "0193a000-0000-7000-8000-00000000000e";

async fn list(house: &House, request: ListUnansweredRequest) -> ListUnansweredResponse {
    let client = &mut UnansweredServiceClient::new(house.as_role(Role::Viewer));
    client.list_unanswered(request).await.unwrap().into_inner()
}

async fn open(house: &House) -> Vec<UnansweredQuestion> {
    list(house, ListUnansweredRequest::default()).await.items
}

async fn close(house: &House, id: &str) -> Result<(), Code> {
    let client = &mut UnansweredServiceClient::new(house.as_role(Role::Manager));
    client
        .close_unanswered(CloseUnansweredRequest { id: id.to_owned() })
        .await
        .map(|_| ())
        .map_err(|refused| refused.code())
}

async fn dismiss(house: &House, id: &str) -> Result<(), Code> {
    let client = &mut UnansweredServiceClient::new(house.as_role(Role::Owner));
    client
        .dismiss_unanswered(DismissUnansweredRequest { id: id.to_owned() })
        .await
        .map(|_| ())
        .map_err(|refused| refused.code())
}

/// A customer writes something that the assistant hands over.
async fn asks(house: &House, user: &str, mid: &str, text: &str, reason: &str) {
    let line = "Dạ để em hỏi lại ạ.";
    house.ai.script.lock().unwrap().push_back(Ok(handover(line, reason)));
    let before = house.asked().len();
    house.post(Platform::Facebook, &page(&house.shop, vec![message(user, mid, text, now_ms())])).await;
    until("the assistant to be asked", || async { (house.asked().len() > before).then_some(()) }).await;
    house.idle().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_question_without_an_answer_is_kept_and_the_same_one_counts_up() {
    let house = House::new().await;
    asks(&house, "c1", "m1", "Shop có bán SỈ không?", "nothing_found").await;
    asks(&house, "c2", "m2", "shop co ban si khong", "guard_blocked").await;
    asks(&house, "c3", "m3", "Có ship Lào không?", "not_in_catalogue").await;
    // Nothing that could be taught.
    asks(&house, "c4", "m4", "Cho gặp nhân viên", "asks_for_person").await;
    asks(&house, "c5", "m5", "👍", "nothing_found").await;

    let first = list(&house, ListUnansweredRequest { limit: 1, ..Default::default() }).await;
    let is_base64url = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    assert!(first.next_cursor.chars().all(is_base64url), "the gateway takes no other: {}", first.next_cursor);
    let next = list(&house, ListUnansweredRequest { limit: 1, cursor: first.next_cursor.clone() }).await;
    assert_eq!((first.items.len(), next.items.len(), next.next_cursor.as_str()), (1, 1, ""));
    let (often, once) = (&first.items[0], &next.items[0]);
    assert_eq!((often.question.as_str(), often.asked_count), ("shop co ban si khong", 2), "the last words are shown");
    assert_eq!(often.reason, "guard_blocked");
    assert!(often.first_asked_at.unwrap().seconds <= often.last_asked_at.unwrap().seconds);
    assert_eq!((once.question.as_str(), once.asked_count), ("Có ship Lào không?", 1));
    let all = house.conversations().await;
    let of = |user: &str| all.iter().find(|one| one.contact.as_ref().unwrap().platform_user_id == user).unwrap();
    assert_eq!(often.conversation_id, of("c2").id);
    let theirs = &mut UnansweredServiceClient::new(house.stranger());
    assert!(theirs.list_unanswered(ListUnansweredRequest::default()).await.unwrap().into_inner().items.is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_taught_is_closed_once_and_asked_again_it_is_new() {
    let house = House::new().await;
    asks(&house, "c1", "m1", "Có bán sỉ không?", "nothing_found").await;
    let question = open(&house).await.remove(0);
    assert_eq!(close(&house, &question.id).await, Ok(()));
    assert_eq!(close(&house, &question.id).await, Ok(()), "again changes nothing");
    assert!(open(&house).await.is_empty());
    let client = &mut UnansweredServiceClient::new(house.as_role(Role::Manager));
    let got = client.get_unanswered(GetUnansweredRequest { id: question.id.clone() }).await.unwrap().into_inner();
    assert_eq!((got.question.as_str(), got.conversation_id.as_str()), ("", ""), "its words are forgotten");
    assert_eq!(dismiss(&house, &question.id).await, Err(Code::NotFound));

    asks(&house, "c2", "m2", "có bán sỉ không", "nothing_found").await;
    let again = open(&house).await.remove(0);
    assert_ne!(again.id, question.id);
    assert_eq!(again.asked_count, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_dismissed_stays_dismissed() {
    let house = House::new().await;
    asks(&house, "c1", "m1", "Shop có người yêu chưa?", "nothing_found").await;
    let id = open(&house).await.remove(0).id;
    assert_eq!(dismiss(&house, &id).await, Ok(()));
    asks(&house, "c2", "m2", "shop co nguoi yeu chua", "nothing_found").await;
    assert!(open(&house).await.is_empty());
    let kept: (String, String) =
        sqlx::query_as("select question, folded from inbox.unanswered where state = 'dismissed'")
            .fetch_one(&house.admin)
            .await
            .unwrap();
    assert_eq!(kept, (String::new(), String::new()), "no words are kept of it");
    assert_eq!(close(&house, &id).await, Err(Code::NotFound));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn words_that_are_taken_back_go_from_the_questions() {
    let house = House::new().await;
    asks(&house, "c1", "m1", "Số thẻ 4111 có mua được không?", "nothing_found").await;
    assert_eq!(open(&house).await.len(), 1);
    let unsend = event("c1", "message", json!({"mid": "m1", "is_deleted": true}), now_ms());
    house.post(Platform::Facebook, &page(&house.shop, vec![unsend])).await;
    house.ingested().await;
    let rows: i64 = sqlx::query_scalar("select count(*) from inbox.unanswered").fetch_one(&house.admin).await.unwrap();
    assert_eq!(rows, 0);

    // Taken back while the answer is looked for: never kept.
    house.ai.script.lock().unwrap().push_back(Ok(handover("Dạ vâng ạ.", "nothing_found")));
    house.ai.gate.close();
    house.post(Platform::Facebook, &page(&house.shop, vec![message("c2", "m2", "mật khẩu 1234", now_ms())])).await;
    house.ai.gate.visitor().await;
    let unsend = event("c2", "message", json!({"mid": "m2", "is_deleted": true}), now_ms());
    house.post(Platform::Facebook, &page(&house.shop, vec![unsend])).await;
    house.ingested().await;
    house.ai.gate.open();
    house.idle().await;
    assert!(open(&house).await.is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_may_decide_and_what_is_no_question() {
    let house = House::new().await;
    asks(&house, "c1", "m1", "Có bán sỉ không?", "nothing_found").await;
    let id = open(&house).await.remove(0).id;
    let mut agent = UnansweredServiceClient::new(house.agent());
    let refused = agent.dismiss_unanswered(DismissUnansweredRequest { id: id.clone() }).await;
    assert_eq!(refused.unwrap_err().code(), Code::PermissionDenied);
    let refused = agent.close_unanswered(CloseUnansweredRequest { id: id.clone() }).await;
    assert_eq!(refused.unwrap_err().code(), Code::PermissionDenied);
    let mut stranger = UnansweredServiceClient::new(house.stranger());
    let theirs = stranger.dismiss_unanswered(DismissUnansweredRequest { id: id.clone() }).await;
    assert_eq!(theirs.unwrap_err().code(), Code::NotFound);
    let theirs = stranger.close_unanswered(CloseUnansweredRequest { id: id.clone() }).await;
    assert_eq!(theirs.unwrap_err().code(), Code::NotFound);
    let theirs = stranger.get_unanswered(GetUnansweredRequest { id }).await;
    assert_eq!(theirs.unwrap_err().code(), Code::NotFound);
    assert_eq!(open(&house).await.len(), 1, "it is still open");
    assert_eq!(close(&house, "x").await, Err(Code::NotFound));
    let bad = ListUnansweredRequest { cursor: "x".to_owned(), limit: 201 };
    assert_eq!(agent.list_unanswered(bad).await.unwrap_err().code(), Code::InvalidArgument);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_assistant_is_told_where_a_customer_came_from_and_what_it_used_is_kept() {
    let house = House::new().await;
    let mut tapped = message("c1", "m1", "còn không shop", now_ms());
    tapped["message"]["referral"] = json!({"source": "ADS", "ref": "SP-7", "ad_id": "6045",
        "ads_context_data": {"ad_title": "Áo thun hè", "photo_url": "https://cdn.test/ad.jpg", "product_id": "991"}});
    let answer =
        chatdesk_proto::ai::v1::AnswerResponse { entry_ids: vec![ANSWERED.to_owned()], ..with_product("Dạ còn") };
    house.ai.script.lock().unwrap().push_back(Ok(answer));
    house.post(Platform::Facebook, &page(&house.shop, vec![tapped])).await;
    let messages = house.see("the answer", |all| all.len() == 2 && all[1].status() == MessageStatus::Sent).await;
    let referral = house.asked()[0].referral.clone().unwrap();
    assert_eq!((referral.source.as_str(), referral.reference.as_str()), ("ADS", "SP-7"));
    assert_eq!((referral.ad_title.as_str(), referral.product_id.as_str()), ("Áo thun hè", "991"));
    assert_eq!(referral.photo_url, "https://cdn.test/ad.jpg");
    assert_eq!(messages[1].provenance.as_ref().unwrap().entry_ids, [ANSWERED]);

    house.writes("c2", "xin chào").await;
    until("the second question", || async { (house.asked().len() > 1).then_some(()) }).await;
    assert_eq!(house.asked()[1].referral, None, "who came by themselves came from nowhere");
    // An old advertisement says nothing of what is asked now.
    house.sql("update inbox.conversations set source_at = now() - interval '25 hours' where source is not null").await;
    house.writes("c1", "alo").await;
    until("the third question", || async { (house.asked().len() > 2).then_some(()) }).await;
    assert_eq!(house.asked()[2].referral, None);
}
