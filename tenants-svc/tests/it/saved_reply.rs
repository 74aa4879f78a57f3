//! Texts that are sent often.

use chatdesk_platform::{Role, ServiceName, new_id};
use chatdesk_proto::tenants::v1 as pb;
use tonic::{Code, Status};

use crate::house::{House, Shop, field, fields, problem};

async fn create(house: &House, shop: &Shop, shortcut: &str, text: &str) -> Result<pb::SavedReply, Status> {
    let request = pb::CreateSavedReplyRequest { shortcut: shortcut.into(), text: text.into() };
    Ok(house.saved_replies(shop.member(Role::Agent)).create_saved_reply(request).await?.into_inner())
}

async fn update(house: &House, shop: &Shop, id: &str, shortcut: &str, text: &str) -> Result<pb::SavedReply, Status> {
    let request = pb::UpdateSavedReplyRequest { id: id.into(), shortcut: shortcut.into(), text: text.into() };
    Ok(house.saved_replies(shop.member(Role::Agent)).update_saved_reply(request).await?.into_inner())
}

async fn delete(house: &House, shop: &Shop, id: &str) -> Result<(), Status> {
    let request = pb::DeleteSavedReplyRequest { id: id.into() };
    house.saved_replies(shop.member(Role::Agent)).delete_saved_reply(request).await.map(drop)
}

async fn shortcuts(house: &House, shop: &Shop) -> Vec<String> {
    let mut client = house.saved_replies(shop.member(Role::Viewer));
    let found = client.list_saved_replies(pb::ListSavedRepliesRequest {}).await.unwrap().into_inner();
    found.items.into_iter().map(|one| one.shortcut).collect()
}

#[tokio::test]
async fn a_saved_reply_lives_its_life() {
    let house = House::new().await;
    let shop = house.shop("lan@gom.vn").await;
    let text = "Dạ {name} ơi,\n{shop} giao 30.000đ ạ 🙏";
    let ship = create(&house, &shop, "Ship", text).await.unwrap();
    assert_eq!((ship.shortcut.as_str(), ship.text.as_str()), ("Ship", text));
    create(&house, &shop, "bảo-hành", "Dạ 7 ngày ạ").await.unwrap();
    create(&house, &shop, "BAOHANH", "x").await.unwrap();
    // Whatever the case; accents tell them apart.
    assert_eq!(shortcuts(&house, &shop).await, ["BAOHANH", "bảo-hành", "Ship"]);
    house.hand.advance(chrono::TimeDelta::seconds(1));
    let changed = update(&house, &shop, &ship.id, "SHIP", "Dạ 20.000đ ạ").await.unwrap();
    assert_eq!((&changed.id, changed.shortcut.as_str(), changed.text.as_str()), (&ship.id, "SHIP", "Dạ 20.000đ ạ"));
    assert_ne!(changed.updated_at, ship.updated_at);
    delete(&house, &shop, &ship.id).await.unwrap();
    assert_eq!(problem(delete(&house, &shop, &ship.id).await).status, Code::NotFound);
    assert_eq!(shortcuts(&house, &shop).await, ["BAOHANH", "bảo-hành"]);
}

#[tokio::test]
async fn a_shortcut_is_one_texts_within_a_business() {
    let house = House::new().await;
    let (shop, other) = (house.shop("lan@gom.vn").await, house.shop("mai@lua.vn").await);
    create(&house, &shop, "giá", "1").await.unwrap();
    let second = create(&house, &shop, "ship", "2").await.unwrap();
    for same in ["giá", "GIÁ", "gia\u{301}"] {
        let refused = problem(create(&house, &shop, same, "3").await);
        assert_eq!((refused.status, refused.code.as_str()), (Code::AlreadyExists, "shortcut_in_use"));
    }
    assert_eq!(problem(update(&house, &shop, &second.id, "Giá", "2").await).code, "shortcut_in_use");
    create(&house, &other, "giá", "theirs").await.unwrap();
    assert_eq!(shortcuts(&house, &other).await, ["giá"]);
}

#[tokio::test]
async fn bad_fields_are_named_and_there_is_an_end() {
    let house = House::new().await;
    let shop = house.shop("lan@gom.vn").await;
    let bad = [field("shortcut", "malformed"), field("text", "required")];
    assert_eq!(fields(create(&house, &shop, "a b", " ").await), bad);
    let long = [field("shortcut", "too_long"), field("text", "too_long")];
    assert_eq!(fields(create(&house, &shop, &"x".repeat(41), &"x".repeat(2001)).await), long);
    let pool = house.db.superuser().await;
    let fill = "insert into tenants.saved_replies (tenant_id, id, shortcut, key, text, updated_at)
        select $1, gen_random_uuid(), 'x' || n, 'x' || n, 'x', now() from generate_series(1, 500) n";
    sqlx::query(fill).bind(shop.tenant.0).execute(&pool).await.unwrap();
    let refused = problem(create(&house, &shop, "ship", "x").await);
    assert_eq!((refused.status, refused.code.as_str()), (Code::FailedPrecondition, "too_many_saved_replies"));
    assert_eq!(shortcuts(&house, &shop).await.len(), 500);
}

#[tokio::test]
async fn viewers_read_and_another_business_finds_nothing() {
    let house = House::new().await;
    let (shop, other) = (house.shop("lan@gom.vn").await, house.shop("mai@lua.vn").await);
    let ship = create(&house, &shop, "ship", "x").await.unwrap();
    assert!(shortcuts(&house, &other).await.is_empty());
    for id in [ship.id.as_str(), &new_id().to_string(), "x", ""] {
        assert_eq!(problem(update(&house, &other, id, "ship", "x").await).status, Code::NotFound);
        assert_eq!(problem(delete(&house, &other, id).await).status, Code::NotFound);
    }
    let request = pb::CreateSavedReplyRequest { shortcut: "a".into(), text: "x".into() };
    for who in [shop.member(Role::Viewer), shop.service(ServiceName::Inbox)] {
        let refused = house.saved_replies(who).create_saved_reply(request.clone()).await;
        assert_eq!(problem(refused).status, Code::PermissionDenied);
    }
    let mut viewer = house.saved_replies(shop.member(Role::Viewer));
    let refused = viewer.delete_saved_reply(pb::DeleteSavedReplyRequest { id: ship.id }).await;
    assert_eq!(problem(refused).status, Code::PermissionDenied);
    assert_eq!(shortcuts(&house, &shop).await, ["ship"]);
}
