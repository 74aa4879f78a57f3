//! The daily budget of model tokens: 1000 in these houses.

use std::time::Duration;

use chatdesk_platform::{ServiceName, new_id};
use chatdesk_proto::tenants::v1 as pb;
use chrono::TimeDelta;
use tonic::{Code, Status};

use crate::house::{House, Shop, field, fields, problem};

async fn reserve(house: &House, shop: &Shop, tokens: u32) -> Result<String, Status> {
    let mut client = house.usage(shop.service(ServiceName::Ai));
    Ok(client.reserve_tokens(pb::ReserveTokensRequest { tokens }).await?.into_inner().id)
}

async fn settle(house: &House, shop: &Shop, id: &str, prompt: u32, completion: u32) -> Result<(), Status> {
    let request = pb::SettleTokensRequest {
        reservation_id: id.to_owned(),
        model: "openai/gpt-oss-120b".to_owned(),
        prompt_tokens: prompt,
        completion_tokens: completion,
    };
    house.usage(shop.service(ServiceName::Ai)).settle_tokens(request).await.map(|_| ())
}

#[tokio::test]
async fn a_days_budget_holds_and_begins_anew() {
    let house = House::new().await;
    let (shop, other) = (house.shop("lan@gom.vn").await, house.shop("mai@lua.vn").await);
    let first = reserve(&house, &shop, 900).await.unwrap();
    let spent = problem(reserve(&house, &shop, 101).await);
    assert_eq!((spent.status, spent.code.as_str()), (Code::ResourceExhausted, "token_budget_spent"));
    let wait = spent.retry_after.unwrap();
    assert!(wait > Duration::ZERO && wait <= Duration::from_secs(86_400));
    reserve(&house, &other, 1000).await.unwrap();

    // Little was used: most of it comes back, once.
    for _ in 0..3 {
        settle(&house, &shop, &first, 50, 50).await.unwrap();
    }
    reserve(&house, &shop, 900).await.unwrap();
    assert_eq!(problem(reserve(&house, &shop, 1).await).code, "token_budget_spent");

    house.hand.advance(TimeDelta::from_std(wait).unwrap());
    reserve(&house, &shop, 1000).await.unwrap();
    assert_eq!(problem(reserve(&house, &shop, 1).await).code, "token_budget_spent");
}

#[tokio::test]
async fn from_80_percent_on_the_budget_is_said_to_run_low() {
    let house = House::new().await;
    let shop = house.shop("lan@gom.vn").await;
    for (tokens, taken, low) in [(700, 700, false), (99, 799, false), (1, 800, true), (100, 900, true)] {
        let mut client = house.usage(shop.service(ServiceName::Ai));
        let held = client.reserve_tokens(pb::ReserveTokensRequest { tokens }).await.unwrap().into_inner();
        assert_eq!((held.budget, held.taken, held.low), (1000, taken, low));
        // The shop's people see it, too.
        let shown = house.settings(shop.owner()).get_assistant_settings(pb::GetAssistantSettingsRequest {}).await;
        let shown = shown.unwrap().into_inner();
        assert_eq!((u64::from(shown.tokens_taken_percent), shown.tokens_low), (taken / 10, low));
    }
    house.hand.advance(TimeDelta::days(1));
    let shown = house.settings(shop.owner()).get_assistant_settings(pb::GetAssistantSettingsRequest {}).await;
    assert!(!shown.unwrap().into_inner().tokens_low, "the next day");
}

#[tokio::test]
async fn a_call_that_took_more_than_was_set_aside_counts_in_full() {
    let house = House::new().await;
    let shop = house.shop("lan@gom.vn").await;
    let id = reserve(&house, &shop, 10).await.unwrap();
    settle(&house, &shop, &id, u32::MAX, u32::MAX).await.unwrap();
    assert_eq!(problem(reserve(&house, &shop, 1).await).code, "token_budget_spent");
}

#[tokio::test]
async fn calls_at_once_cannot_take_the_same_tokens() {
    let house = House::new().await;
    let shop = house.shop("lan@gom.vn").await;
    let (a, b, c, d, e, f) = tokio::join!(
        reserve(&house, &shop, 400),
        reserve(&house, &shop, 400),
        reserve(&house, &shop, 400),
        reserve(&house, &shop, 400),
        reserve(&house, &shop, 400),
        reserve(&house, &shop, 400),
    );
    let held: Vec<String> = [a, b, c, d, e, f].into_iter().flatten().collect();
    assert_eq!(held.len(), 2);
    // Settling the same one at once gives it back once.
    let (x, y, z) = tokio::join!(
        settle(&house, &shop, &held[0], 0, 0),
        settle(&house, &shop, &held[0], 0, 0),
        settle(&house, &shop, &held[0], 0, 0),
    );
    assert!(x.is_ok() && y.is_ok() && z.is_ok());
    reserve(&house, &shop, 600).await.unwrap();
    assert!(reserve(&house, &shop, 1).await.is_err());
}

#[tokio::test]
async fn unknown_reservations_and_bad_requests_are_refused() {
    let house = House::new().await;
    let (shop, other) = (house.shop("lan@gom.vn").await, house.shop("mai@lua.vn").await);
    let theirs = reserve(&house, &other, 10).await.unwrap();
    for id in [theirs.as_str(), &new_id().to_string(), "x"] {
        assert_eq!(problem(settle(&house, &shop, id, 1, 1).await).status, Code::NotFound);
    }
    assert_eq!(fields(reserve(&house, &shop, 0).await), [field("tokens", "out_of_range")]);
    assert_eq!(problem(reserve(&house, &shop, 1001).await).code, "token_budget_spent");
    for who in [shop.owner(), shop.service(ServiceName::Inbox)] {
        let refused = house.usage(who).reserve_tokens(pb::ReserveTokensRequest { tokens: 1 }).await;
        assert_eq!(problem(refused).status, Code::PermissionDenied);
    }
}
