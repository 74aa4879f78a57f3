//! Retrieval for people.

use crate::world::World;
use chatdesk_platform::{Identity, Problem, Role, UserId, new_id};
use chatdesk_proto::ai::v1::retrieval_service_client::RetrievalServiceClient;
use chatdesk_proto::ai::v1::{Referral, RetrieveRequest, Speaker, Turn};
use tonic::Code;

#[tokio::test]
async fn best_first_and_no_more_than_asked() {
    let world = World::without_a_key().await;
    let viewer = Identity::Member { tenant: world.tenant, user: UserId(new_id()), role: Role::Viewer };
    let ask = |text: &str, limit| {
        let (client, text) = (world.gateway(&viewer), text.to_owned());
        async move {
            RetrievalServiceClient::new(client).retrieve(RetrieveRequest { text, limit, ..Default::default() }).await
        }
    };
    let items = ask("áo thun xanh", 2).await.unwrap().into_inner().items;
    let names: Vec<_> = items.iter().filter_map(|i| i.product.as_ref()).map(|p| p.name.as_str()).collect();
    assert_eq!(names, ["Áo thun xanh", "Áo thun đỏ"]);
    assert_eq!(ask("áo", 0).await.unwrap().into_inner().items.len(), 3);
    for (text, limit, field) in [("  ", 5, "text"), ("áo", 51, "limit"), (&*"a".repeat(1001), 5, "text")] {
        let status = ask(text, limit).await.unwrap_err();
        assert_eq!(status.code(), Code::InvalidArgument);
        assert_eq!(Problem::from(&status).fields[0].field, field);
    }
}

#[tokio::test]
async fn inbox_has_no_business_with_it() {
    let world = World::without_a_key().await;
    let refused = RetrievalServiceClient::new(world.inbox())
        .retrieve(RetrieveRequest { text: "áo".into(), limit: 1, ..Default::default() })
        .await;
    assert_eq!(refused.unwrap_err().code(), Code::PermissionDenied);
}

#[tokio::test]
async fn a_question_is_looked_up_behind_what_it_follows() {
    let world = World::without_a_key().await;
    let viewer = Identity::Member { tenant: world.tenant, user: UserId(new_id()), role: Role::Viewer };
    let request = RetrieveRequest {
        text: "còn size M không".into(),
        history: vec![Turn { speaker: Speaker::Contact.into(), text: "áo thun đỏ giá sao shop".into() }],
        ..RetrieveRequest::default()
    };
    let found = RetrievalServiceClient::new(world.gateway(&viewer)).retrieve(request).await.unwrap().into_inner();
    assert_eq!(found.searched, "áo thun đỏ giá sao shop\ncòn size M không");
    let red = world.product(0);
    assert!(found.about_product_ids.contains(&red.id), "{:?}", found.about_product_ids);
    let asked = world.state.searched.lock().unwrap().last().cloned().unwrap();
    assert_eq!(asked.boost_product_ids, found.about_product_ids);
    // By itself it is about nothing.
    let request = RetrieveRequest { text: "còn size M không".into(), ..RetrieveRequest::default() };
    let found = RetrievalServiceClient::new(world.gateway(&viewer)).retrieve(request).await.unwrap().into_inner();
    assert_eq!((found.searched.as_str(), found.about_product_ids.len()), ("còn size M không", 0));
}

#[tokio::test]
async fn the_product_of_a_referral_is_spoken_of_from_the_start() {
    let world = World::without_a_key().await;
    let viewer = Identity::Member { tenant: world.tenant, user: UserId(new_id()), role: Role::Viewer };
    let blue = world.product(1);
    let ask = |text: &str, referral: Referral| {
        let (client, text) = (world.gateway(&viewer), text.to_owned());
        let request = RetrieveRequest { text, referral: Some(referral), ..RetrieveRequest::default() };
        async move { RetrievalServiceClient::new(client).retrieve(request).await.unwrap().into_inner() }
    };
    let by_id = Referral { product_id: blue.id.clone(), ..Referral::default() };
    let by_reference = Referral { reference: blue.id.clone(), ..Referral::default() };
    let by_title = Referral { ad_title: "Giảm giá ÁO THUN XANH hôm nay".into(), ..Referral::default() };
    for referral in [by_id.clone(), by_reference, by_title] {
        let found = ask("còn hàng không shop", referral).await;
        assert!(found.searched.starts_with("Áo thun xanh"), "{}", found.searched);
        assert_eq!(found.about_product_ids, std::slice::from_ref(&blue.id));
    }
    // Who names something else does not ask about the ad, and an ad of something else is nothing.
    assert!(ask("áo thun đỏ giá bao nhiêu", by_id).await.about_product_ids.is_empty());
    let foreign = Referral { product_id: new_id().to_string(), ad_title: "Máy giặt".into(), ..Referral::default() };
    assert!(ask("còn hàng không shop", foreign).await.about_product_ids.is_empty());
}

#[tokio::test]
async fn what_is_looked_up_of_a_long_talk_is_bounded() {
    let world = World::without_a_key().await;
    let searches = || std::mem::take(&mut *world.state.searched.lock().unwrap()).len();
    // Follow-ups that name nothing are passed over, however many they are.
    let vague = ["giá sao ạ", "còn size M không?", "còn size L không?", "có màu trắng không", "còn hàng không ạ"];
    let before: Vec<&str> = std::iter::once("cho mình hỏi áo thun đỏ").chain(vague).collect();
    let answer = world.ask_after("thế size L?", &before).await;
    assert!(answer.text.contains("Áo thun đỏ"), "{}", answer.text);
    assert_eq!(searches(), 3, "the question, what named the shirt, and both together");
    // Of those that name what is not there, the last three.
    let before = ["áo thun đỏ giá sao", "bán tủ lạnh", "bán quạt trần", "bán bàn ghế", "bán điều hòa"];
    world.ask_after("thế size L?", &before).await;
    assert_eq!(searches(), 4);
}
